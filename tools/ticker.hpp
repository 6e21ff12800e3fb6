// Calls a function again and again on a reactor, for as long as the ticker lives.
#pragma once

#include <functional>
#include <utility>

#include "strata/host.hpp"
#include "strata/reactor.hpp"

namespace strata::tools {

class Ticker {
 public:
  Ticker(Reactor& reactor, Duration interval, std::function<void()> function)
      : reactor_(&reactor), interval_(interval), function_(std::move(function)) {
    schedule(monotonic_now());
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() { reactor_->cancel_timer(timer_); }

 private:
  void schedule(Instant now) { timer_ = reactor_->add_timer(now + interval_, {this, &Ticker::on_timer}); }
  static void on_timer(void* context) {
    auto& ticker = *static_cast<Ticker*>(context);
    ticker.schedule(ticker.reactor_->now());
    ticker.function_();
  }

  Reactor* reactor_;
  Duration interval_;
  std::function<void()> function_;
  Reactor::TimerId timer_;
};

}  // namespace strata::tools
