// For tests: replaces operator new of the program by one that counts. A file of its own, so that no compiler
// sees a pair of new and free() in one place.
#include "stack/test_allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

std::size_t count = 0;

void* allocate(std::size_t size) {
  ++count;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = allocate(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace strata {

std::size_t allocation_count() { return count; }

}  // namespace strata
