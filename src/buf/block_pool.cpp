#include "buf/block_pool.hpp"

#include <new>
#include <utility>

#include "base/check.hpp"

namespace strata::buf {
namespace {

/// What is left of a pool that was destroyed while others held blocks of it: freed with the last of them.
struct Remains {
  BlockPool::Memory<std::uint8_t> region;
  BlockPool::Memory<Block> descriptors;
  std::size_t in_use;
};

void give_back_to_remains(void* context, Block*) {
  auto* remains = static_cast<Remains*>(context);
  if (--remains->in_use == 0) delete remains;
}

}  // namespace

// malloc of a large region is an anonymous mapping: untouched pages cost nothing.
BlockPool::BlockPool(std::size_t block_size, std::size_t block_count)
    : block_size_(block_size),
      block_count_(block_count),
      region_(static_cast<std::uint8_t*>(std::malloc(block_size * block_count))),
      descriptors_(static_cast<Block*>(std::malloc(sizeof(Block) * block_count))) {
  if (region_ == nullptr || descriptors_ == nullptr) block_count_ = 0;
}

BlockPool::~BlockPool() {
  if (in_use_ == 0) return;
  Block* const blocks = descriptors_.get();
  auto* remains = new Remains{
      .region = std::move(region_),
      .descriptors = std::move(descriptors_),
      .in_use = in_use_,
  };
  for (std::size_t i = 0; i < carved_; ++i) {
    if (blocks[i].references == 0) continue;
    blocks[i].release = &give_back_to_remains;
    blocks[i].context = remains;
  }
}

Block* BlockPool::allocate() {
  Block* block = free_;
  if (block != nullptr) {
    free_ = block->next_free;
  } else {
    if (carved_ == block_count_) return nullptr;
    block = ::new (descriptors_.get() + carved_) Block{
        .data = region_.get() + carved_ * block_size_,
        .capacity = static_cast<std::uint32_t>(block_size_),
        .release = &BlockPool::take_back,
        .context = this,
    };
    ++carved_;
  }
  block->references = 1;
  block->filled = 0;
  ++in_use_;
  return block;
}

void BlockPool::take_back(void* context, Block* block) {
  auto* pool = static_cast<BlockPool*>(context);
  STRATA_CHECK(block->references == 0);
  block->next_free = pool->free_;
  pool->free_ = block;
  --pool->in_use_;
}

}  // namespace strata::buf
