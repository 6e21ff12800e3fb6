#include "device/last_error.hpp"

#include <system_error>

namespace strata {

SystemError error_of(int number, std::string_view what) {
  return {number, std::string(what) + ": " + std::generic_category().message(number)};
}

}  // namespace strata
