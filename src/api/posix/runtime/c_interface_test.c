// strata.h from C11: a datagram to oneself. Called by runtime_test.cpp; returns the number of the step that
// failed.
#include "strata/strata.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

int strata_c_interface_works(void) {
  struct strata_options options = STRATA_OPTIONS;
  options.tap = NULL;
  strata_host* host = strata_open(&options);
  if (host == NULL) return 1;
  const int fd = strata_socket(host, AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const struct sockaddr* name = (const struct sockaddr*)&address;
  if (strata_bind(host, fd, name, sizeof address) != 0) return 2;
  if (strata_sendto(host, fd, "hello", 5, 0, name, sizeof address) != 5) return 3;
  char buffer[16];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  if (strata_recvfrom(host, fd, buffer, sizeof buffer, 0, (struct sockaddr*)&from, &size) != 5) return 4;
  if (memcmp(buffer, "hello", 5) != 0 || from.sin_port != address.sin_port) return 5;
  strata_free(host);
  return 0;
}
