// Every bound and every parameter of a stack, by name. Values are taken as they are given; a table
// that reaches its bound refuses the new entry and raises a counter, it never grows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "strata/tcp_settings.hpp"
#include "strata/time.hpp"

namespace strata {

/// Memory for frames and payload.
struct BufferLimits {
  std::size_t block_size = 2048;       ///< bytes a block holds; one full Ethernet frame fits
  std::size_t blocks_max = 64 * 1024;  ///< blocks in the pool (address space; pages are touched on first use)
  std::size_t packets_max = 16 * 1024;      ///< packet descriptors
  std::size_t queue_nodes_max = 64 * 1024;  ///< nodes of byte queues, 14 slices each
};

/// Tables that peers can fill.
struct TableLimits {
  std::size_t connections_max = 1U << 20;  ///< TCP connections in every state but TIME-WAIT
  std::size_t time_wait_max = 1U << 18;    ///< TIME-WAIT records; the oldest makes room
  std::size_t listeners_max = 1024;        ///< listening TCP sockets
  std::size_t udp_sockets_max = 4096;      ///< bound UDP sockets
  std::size_t udp_queue_bytes_max =
      256 * 1024;  ///< block memory that datagrams waiting in one UDP socket pin
  std::size_t interfaces_max = 16;
  std::size_t addresses_per_interface_max = 16;
  std::size_t routes_max = 1024;
  std::size_t path_mtus_max = 1024;  ///< destinations whose path is known to be narrow; the least used goes
  std::size_t path_mtu_falls_max = 16;        ///< how often one may become narrower before it is forgotten
  std::size_t fragment_bytes_max = 4U << 20;  ///< memory of fragments that wait for others (bar B7)
  std::size_t fragment_source_bytes_max = 256U << 10;  ///< of one source
  std::size_t fragments_per_datagram_max = 64;
  std::size_t fragmented_datagrams_max = 1024;  ///< that wait, or are discarded with all that comes of them
  std::size_t neighbors_max = 1024;             ///< entries of the neighbour table (reliability bar B7)
  std::size_t neighbor_queue_max = 3;           ///< packets waiting for one neighbour's address
  std::size_t output_queue_max = 1024;          ///< replies and datagrams waiting per interface
  /// Servers whose cookies are kept; a newer one may replace an older.
  std::size_t fast_open_servers_max = 256;
  std::size_t records_max = 1U << 22;  ///< TCP segments in flight, of all connections
  /// Out-of-order islands per connection, whatever its window; less than 512 only where this says so.
  std::size_t reassembly_ranges_max = 1U << 17;
};

/// How much a packet may put between its IPv6 header and what it carries (RFC 8504 §5.3, RFC 7112).
struct Ipv6Limits {
  std::size_t extension_headers_max = 8;   ///< in one packet
  std::size_t extension_bytes_max = 1024;  ///< of all of them
  std::size_t options_max = 8;             ///< in one header, padding not counted
};

/// ARP and neighbour discovery alike: RFC 4861 §10.
struct NeighborConfig {
  Duration retry = Duration::seconds(1);
  std::uint8_t retries_max = 3;
  Duration reachable = Duration::seconds(30);  ///< after this an entry is asked for again while it is in use
  Duration first_probe_delay = Duration::seconds(5);  ///< unless a transport says until then that it is there
  Duration failed_hold =
      Duration::seconds(1);  ///< how long a silent neighbour is answered "unreachable" without asking
};

/// RFC 1812 §4.3.2.8: errors are rate-limited by token bucket.
struct IcmpConfig {
  std::uint32_t errors_per_second = 1000;
  std::uint32_t errors_burst = 50;
  bool answer_echo = true;
};

/// Whose habit the options of a SYN follow. RFC 9293 §3.2 leaves their order open, and some middleboxes and
/// tests do not.
enum class TcpOptionOrder : std::uint8_t {
  linux_like,    ///< mss, sackOK with timestamps or behind two NOPs, NOP, window scale; NOPs fill up
  freebsd_like,  ///< mss, NOP, window scale, sackOK, timestamps; end-of-list fills up
};

/// How the receive window keeps from opening in silly steps.
enum class TcpWindowRule : std::uint8_t {
  steps,  ///< RFC 9293 §3.8.6.2.2: the edge moves by a segment or half the buffer, else not at all
  room,   ///< as FreeBSD: all the room of a buffer of whole segments, unless that is less than one and than a
          ///< quarter
};

/// Who drops a segment that has both SYN and FIN.
enum class TcpSynFin : std::uint8_t {
  taken,           ///< nobody: RFC 9293 §3.10.7.2, third check
  listener_drops,  ///< DEVIATION: docs/deviations.md#syn-with-fin
  dropped,         ///< every state, before anything else is looked at
};

/// When a TCP looks for the path's MTU by itself, without a word from routers (RFC 4821, RFC 8899).
enum class MtuProbing : std::uint8_t {
  never,
  after_black_hole,  ///< once large segments vanish without a trace
  always,
};

/// What a host does about path MTU discovery by ICMP (`ip_no_pmtu_disc`).
enum class PathMtuRule : std::uint8_t {
  discover,
  min_only,  ///< packets go without DF; an error brings the path down to `min_pmtu`
  ignore,    ///< packets go without DF; errors are not believed
  verified,  ///< only errors that quote something secret: TCP's, not UDP's
};

/// What a socket wants that said nothing.
constexpr PathMtuDiscovery default_discovery(PathMtuRule rule) {
  const bool discovers = rule == PathMtuRule::discover || rule == PathMtuRule::verified;
  return discovers ? PathMtuDiscovery::want : PathMtuDiscovery::dont;
}

/// What a send buffer is a bound of.
enum class TcpSendRule : std::uint8_t {
  payload,  ///< bytes of the application
  memory,   ///< as Linux: bytes and what it takes to keep them, in bursts; it grows while a writer waits
};

/// When the option of RFC 9768 §3.2.3 is sent.
enum class TcpEcnOption : std::uint8_t {
  never,
  minimum,  ///< by the rules of §3.2.3.3 one by one
  full,     ///< by its simple scheme: on every ACK that has something new to tell
  persist,  ///< also where packets with it seem to get lost
};

/// Marks on the memory that payload takes, in pages of 4096 bytes (`tcp_mem`). Above `high` nothing new is
/// taken in; above `pressure`, until it is below `low` again, no buffer grows and large ones shrink. Marks
/// that lie beyond what BufferLimits has are cut to a half, five eighths and three quarters of that.
struct TcpMemory {
  std::uint32_t low = 16'384;
  std::uint32_t pressure = 20'480;
  std::uint32_t high = 24'576;
};
struct ExternalController;
/// How many controllers an application may bring.
inline constexpr std::size_t kControllersMax = 4;

/// Whose data leaves at a rate instead of as fast as ACKs let it.
enum class TcpPacing : std::uint8_t {
  off,
  asked,  ///< as Linux: where the controller wants it (BBR), or the socket has a limit (SO_MAX_PACING_RATE)
  all,
};
/// Their names for people, in this order.
inline constexpr std::array<std::string_view, 3> kPacingNames = {"off", "asked", "all"};

/// Names as in Linux, else as in FreeBSD where one of them has one (`tcp_fin_timeout`, ...).
struct TcpConfig {
  Duration fin_timeout =
      Duration::seconds(60);  ///< of orphans in FIN-WAIT-2; DEVIATION: docs/deviations.md#fin-wait-2
  Duration time_wait = Duration::seconds(60);   ///< 2 MSL; DEVIATION: docs/deviations.md#time-wait
  Duration rto_initial = Duration::seconds(1);  ///< RFC 6298 §2.1
  Duration rto_min = Duration::millis(200);     ///< DEVIATION: docs/deviations.md#min-rto
  Duration rto_max = Duration::seconds(120);    ///< RFC 6298 §2.5: at least 60 s
  Duration delayed_ack = Duration::millis(40);  ///< RFC 9293 §3.8.6.3: below 0.5 s
  std::uint8_t quick_acks = 8;  ///< segments of a young connection that are acknowledged without delay
  std::uint8_t syn_retries =
      6;  ///< SYNs sent again before timed_out; DEVIATION: docs/deviations.md#syn-retries
  std::uint8_t synack_retries = 5;
  std::uint8_t retries2 = 15;       ///< data retransmissions before timed_out
  std::uint8_t orphan_retries = 8;  ///< the same after close()
  CongestionAlgorithm congestion_control = CongestionAlgorithm::cubic;
  /// The application's own (strata/congestion_control.hpp); they must outlive the stack.
  std::array<const ExternalController*, kControllersMax> controllers{};
  TcpPacing pacing = TcpPacing::asked;
  std::uint16_t pacing_ss_ratio = 200;  ///< percent of cwnd / srtt in slow start
  std::uint16_t pacing_ca_ratio = 120;  ///< and after it
  bool rate_samples = false;            ///< of every connection, not only where the controller needs them
  std::uint32_t initial_window_segments = 10;  ///< RFC 6928
  // Of each connection: what it has for certain, also when the stack is full, and what an application may ask
  // for at least; what it begins with; and how far it grows.
  std::uint32_t send_buffer_min = 4608;
  std::uint32_t send_buffer = 64 * 1024;  ///< bytes an application may queue
  std::uint32_t send_buffer_max = 32U << 20;
  std::uint32_t receive_buffer_min = 1152;
  std::uint32_t receive_buffer = 64 * 1024;  ///< largest window we advertise
  std::uint32_t receive_buffer_max = 32U << 20;
  bool moderate_receive_buffer = true;  ///< the window grows with what the application reads
  TcpMemory memory;                     ///< of all connections together
  Duration keepalive_time = Duration::seconds(7200);
  Duration keepalive_interval = Duration::seconds(75);
  std::uint8_t keepalive_probes = 9;
  std::uint32_t challenge_acks_per_second = 1000;  ///< RFC 5961 §7
  Duration invalid_ratelimit =
      Duration::millis(500);           ///< between answers to bare segments outside the window
  std::uint16_t backlog_max = 4096;    ///< accept queue of one listener
  std::uint32_t syn_queue_max = 4096;  ///< half-open connections of one listener
  std::uint16_t port_first = 32768;    ///< `ip_local_port_range`
  std::uint16_t port_last = 60999;
  std::uint16_t mss_min = 88;   ///< a smaller MSS from the peer counts as this
  std::uint16_t mss_clamp = 0;  ///< announced and sent at most, on every path; zero: as the link says
  PathMtuRule path_mtu_rule = PathMtuRule::discover;
  std::uint32_t min_pmtu = 552;  ///< RFC 1191 §3 allows 68: no IPv4 path is taken to be narrower than this
  Duration mtu_expires = Duration::seconds(600);  ///< RFC 1191 §6.3: then a wider path may be found
  bool confirm_path_mtu = true;  ///< RFC 5927 §7.2: what contradicts experience is believed the second time
  Duration fragment_time = Duration::seconds(30);  ///< DEVIATION: docs/deviations.md#fragment-time
  MtuProbing mtu_probing = MtuProbing::after_black_hole;
  std::uint16_t base_mss = 1024;       ///< where the search begins
  std::uint16_t mtu_probe_floor = 48;  ///< and how far down repeated silence may bring it
  std::uint16_t probe_threshold = 8;   ///< it ends when so few bytes are in doubt (RFC 4821 §7.3)
  Duration probe_interval = Duration::seconds(600);  ///< RFC 8899 §5.1.1: PMTU_RAISE_TIMER
  std::uint8_t retries1 = 2;  ///< time-outs in a row from which on the path is in doubt (RFC 4821 §7.7);
                              ///< the application is told at three or later (RFC 9293 §3.8.3)
  bool timestamps = true;
  bool window_scaling = true;
  bool sack = true;
  bool dsack = true;                  ///< RFC 2883: say what arrived twice
  bool frto = true;                   ///< RFC 5682
  bool tail_probes = true;            ///< RFC 8985 §7
  bool slow_start_after_idle = true;  ///< RFC 5681 §4.1
  bool push_bursts = false;           ///< PSH at the end of every burst that a device cuts, as Linux has it
  std::uint16_t burst_segments_min = 2;  ///< with push_bursts: such a burst at least, however slow the path
  std::uint32_t window_scale_room = 0;   ///< the window scale has to do for a buffer of this size, too
  TcpWindowRule window_rule = TcpWindowRule::steps;
  TcpSendRule send_rule = TcpSendRule::payload;
  TcpOptionOrder option_order = TcpOptionOrder::linux_like;  ///< in a SYN; the same for every peer
  TcpSynFin syn_fin = TcpSynFin::listener_drops;
  Duration keepinit;                 ///< most that an active open may take; zero: syn_retries decides
  bool insecure_rst = false;         ///< any RST in the window ends a connection, without RFC 5961 §3.2
  bool insecure_syn = false;         ///< and so does any SYN, without RFC 5961 §4.2
  bool rexmit_drop_options = false;  ///< from the third repetition on a SYN has no option but the MSS
  bool tolerate_missing_ts = false;  ///< a segment without the agreed stamp is taken (RFC 7323 §3.2)
  bool reset_syn_ack = true;         ///< a SYN-ACK for a listener is answered by RST, else dropped
  /// `tcp_ecn`, as in Linux: 0 off; RFC 3168: 1 asked for and accepted, 2 accepted; RFC 9768: 3 asked for and
  /// accepted, 4 accepted (RFC 3168 asked for), 5 accepted.
  std::uint8_t ecn = 2;
  TcpEcnOption ecn_option = TcpEcnOption::full;
  std::uint8_t ecn_option_beacon = 3;  ///< options in a round trip that has nothing urgent to tell
  bool ecn_control = false;            ///< ECN++: control packets and what is sent again are ECN-capable, too
  bool ecn_fallback = true;            ///< a SYN that gets no answer is repeated without ECN
  std::uint8_t ecn_retries = 0;        ///< but so many repetitions ask again
  bool ecn_crossed_syn = false;  ///< as FreeBSD: a SYN that asks makes ECN though one that did not crossed it
  std::uint8_t fast_open = 0;    ///< RFC 7413, bits as in Linux: 1 client, 4 data in the SYN without a cookie
  bool stdurg = false;           ///< the urgent pointer leads to the last urgent octet, not behind it
  bool repeat_fin = false;       ///< as FreeBSD: an ACK carries our FIN again until that is acknowledged
};

/// IPv6 of all interfaces; names as in Linux's net.ipv6.conf.
struct Ipv6Config {
  Ipv6Limits limits;
  /// What stable interface identifiers are made from (RFC 7217 §5, `stable_secret`): keep it, and addresses
  /// stay the same from run to run. Zero: drawn from the entropy of this one.
  std::array<std::uint64_t, 2> stable_secret{};
  std::uint8_t dad_transmits = 1;         ///< questions before an address is used (RFC 4862 §5.1)
  std::uint8_t router_solicitations = 3;  ///< on interfaces that configure themselves
  bool temporary_addresses = false;       ///< RFC 8981 (`use_tempaddr`)
  Duration temporary_valid = Duration::seconds(172'800);
  Duration temporary_preferred = Duration::seconds(86'400);
  std::size_t routers_max = 8;    ///< that advertise themselves, of all interfaces
  std::size_t prefixes_max = 16;  ///< on the link, as they say
  std::size_t routes_max = 16;    ///< further ones (RFC 4191), and redirects
  std::size_t dns_servers_max = 8;
};

struct Config {
  BufferLimits buffers;
  TableLimits tables;
  NeighborConfig neighbor;
  IcmpConfig icmp;
  Ipv6Config ipv6;
  TcpConfig tcp;
  std::uint8_t ttl = 64;
};

/// Random bits from the caller. A stack draws its keys (RFC 6528, RFC 6056) and its generator's seed from
/// these once. From the operating system in production, from a seed in tests: the same bits give the same
/// trace.
struct Entropy {
  std::array<std::uint64_t, 6> words{};
  /// Deterministic bits for tests and simulations, never for production.
  static Entropy from_seed(std::uint64_t seed);
};

}  // namespace strata
