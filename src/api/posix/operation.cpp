#include "api/posix/operation.hpp"

namespace strata::posix {

std::optional<long> Operation::progress(Instant now) {
  if (result_) return result_;
  result_ = wait_->attempt(now);
  if (!result_ && wait_->deadline() <= now) result_ = wait_->give_up();
  if (result_) wait_.reset();
  return result_;
}

}  // namespace strata::posix
