// The media type of a file by the ending of its name (RFC 9110 §8.3).
#pragma once

#include <string_view>

namespace strata::http {

/// `text/html; charset=utf-8` for `index.html`; `application/octet-stream` for an ending it does not know.
std::string_view content_type(std::string_view file_name);

}  // namespace strata::http
