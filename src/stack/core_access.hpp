// The memory of a stack, for devices that read frames straight into its blocks.
#pragma once

namespace strata {

class Stack;
namespace buf {
struct Pools;
}

buf::Pools& pools(Stack& stack);

}  // namespace strata
