// The trace of a demo, kept in memory until the run is over: lines of one or several stacks, times counted
// from the start.
#pragma once

#include <list>
#include <string>
#include <string_view>

#include "strata/system_error.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata::tools {

class DemoTrace {
 public:
  DemoTrace();
  DemoTrace(const DemoTrace&) = delete;
  DemoTrace& operator=(const DemoTrace&) = delete;

  /// For one stack, which must not outlive this object. `host` stays empty where there is only one.
  TraceSink sink(std::string_view host);
  void note(std::string_view key, std::string_view value);
  SystemResult<void> save(const std::string& path) const;

 private:
  struct Host {
    DemoTrace* trace;
    std::string name;
  };
  static void on_event(void* host, const TraceEvent& event);

  Duration origin_;
  std::list<Host> hosts_;  // sinks point into it
  std::string text_;
};

}  // namespace strata::tools
