// An echo server in plain C on a stack of its own: the program of an epoll(7) tutorial, with strata_ before
// every call.
//
//   # example_epoll_echo              (as root: it makes the interface tap0, the kernel's end is 10.77.0.1)
//   $ ncat 10.77.0.2 7                (in another terminal; as many as you like)
#include <strata/strata.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

enum { kEvents = 256, kBuffer = 16 * 1024 };

static void die(const char* what) {
  perror(what);
  exit(1);
}

static int listen_on(strata_host* host, uint16_t port) {
  const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
  const int fd = strata_socket(host, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0 || strata_bind(host, fd, (const struct sockaddr*)&any, sizeof any) != 0) die("bind");
  if (strata_listen(host, fd, 4096) != 0) die("listen");
  return fd;
}

static void watch(strata_host* host, int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (strata_epoll_ctl(host, epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
}

static void accept_all(strata_host* host, int epoll, int listener) {
  int fd;
  while ((fd = strata_accept4(host, listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) watch(host, epoll, fd);
}

// Sends back what has come. A client that does not read its answers is told to go.
static void echo(strata_host* host, int fd) {
  char buffer[kBuffer];
  const ssize_t size = strata_recv(host, fd, buffer, sizeof buffer, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0 || strata_send(host, fd, buffer, (size_t)size, 0) != size) strata_close(host, fd);
}

int main(void) {
  const struct strata_options options = STRATA_OPTIONS;
  strata_host* host = strata_open(&options);
  if (host == NULL) {
    fprintf(stderr, "epoll_echo: %s\n", strata_open_error());
    return 1;
  }
  const int listener = listen_on(host, 7);
  const int epoll = strata_epoll_create1(host, 0);
  watch(host, epoll, listener);
  fprintf(stderr, "echoing on %s, port 7\n", options.address);
  for (;;) {
    struct epoll_event events[kEvents];
    const int count = strata_epoll_wait(host, epoll, events, kEvents, -1);
    if (count < 0) die("epoll_wait");
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == listener) {
        accept_all(host, epoll, listener);
      } else {
        echo(host, events[i].data.fd);
      }
    }
  }
}
