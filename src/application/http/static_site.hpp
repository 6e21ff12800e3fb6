// Answers GET and HEAD with the files beneath a directory (RFC 9110): conditions, ranges, index.html.
// Directories are never listed.
#pragma once

#include <memory>

#include "application/http/file_root.hpp"
#include "application/http/message.hpp"
#include "application/http/url.hpp"

namespace strata::http {

class StaticSite {
 public:
  explicit StaticSite(FileRoot root) : root_(std::make_shared<FileRoot>(std::move(root))) {}

  Response operator()(const Request& request, const Now& now) const;

 private:
  Response serve_path(const Request& request, const TargetPath& path) const;

  std::shared_ptr<FileRoot> root_;  // shared, because a Handler must be copyable
};

}  // namespace strata::http
