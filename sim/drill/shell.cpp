#include "sim/drill/shell.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace strata::drill {
namespace {

using Words = std::vector<std::string>;

/// One command as words, and how it ended.
struct Command {
  Words words;
  bool pipes = false;  ///< its output goes to the next one
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Splits as a shell does: blanks, quotes, `;`, `|`, `&&`, line ends, comments, continued lines.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Command> run() {
    for (at_ = 0; at_ < text_.size(); ++at_) step();
    end_command(false);
    return std::move(commands_);
  }

 private:
  char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  void step() {
    const char c = text_[at_];
    if (quote_ != '\0') return quoted(c);
    if (c == '\\' && (next() == '\n' || next() == '\r')) {
      while (at_ + 1 < text_.size() && text_[at_] != '\n') ++at_;
      end_word();
    } else if (c == '\'' || c == '"') {
      quote_ = c;
      in_word_ = true;
    } else if (c == '#' && !in_word_) {
      while (at_ + 1 < text_.size() && next() != '\n') ++at_;
    } else if (is_blank(c)) {
      end_word();
    } else if (c == '\n' || c == ';') {
      end_command(false);
    } else if (c == '|') {
      end_command(next() != '|');
    } else if (c == '&' && next() == '&') {
      ++at_;
      end_command(false);
    } else {
      word_ += c;
      in_word_ = true;
    }
  }

  void quoted(char c) {
    if (c == quote_)
      quote_ = '\0';
    else
      word_ += c;
  }

  void end_word() {
    if (in_word_) command_.words.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  void end_command(bool pipes) {
    end_word();
    command_.pipes = pipes;
    if (!command_.words.empty()) commands_.push_back(std::move(command_));
    command_ = {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  char quote_ = '\0';
  bool in_word_ = false;
  std::string word_;
  Command command_;
  std::vector<Command> commands_;
};

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// `net/ipv4/tcp_sack` and `/proc/sys/net/ipv4/tcp_sack` are `net.ipv4.tcp_sack`.
std::string parameter_name(std::string path) {
  constexpr std::string_view kRoot = "/proc/sys/";
  if (path.starts_with(kRoot)) path.erase(0, kRoot.size());
  std::ranges::replace(path, '/', '.');
  return path;
}

/// Constants such as `$((256*1024))` stay as they are and are refused where they are used.
bool add_parameter(const std::string& word, std::vector<ShellAction>& to) {
  const std::size_t equals = word.find('=');
  if (equals == word.npos) return false;
  to.push_back(
      SetParameter{.name = parameter_name(word.substr(0, equals)), .value = word.substr(equals + 1)});
  return true;
}

bool add_parameters(const Words& words, std::vector<ShellAction>& to) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with('-')) continue;
    if (words[i].starts_with('>') || words[i].starts_with("2>")) break;
    if (!add_parameter(words[i], to)) return false;
  }
  return true;
}

/// `ethtool -K tun0 tso off gso off gro off`: TCP hands over the same bursts whoever cuts them, and a script
/// sees them cut.
bool is_offload(const Words& words) {
  if (words.size() < 5 || words[1] != "-K") return false;
  for (std::size_t i = 3; i + 1 < words.size(); i += 2) {
    if (words[i] != "tso" && words[i] != "gso" && words[i] != "gro") return false;
  }
  return true;
}

/// Commands that change nothing here: nothing is remembered between scripts, and nothing is paced or queued.
bool changes_nothing(const Words& words) {
  const std::string name = base_name(words[0]);
  if (name == "true" || name.starts_with("sysctl_restore")) return true;
  if (name == "ip" && words.size() > 1 && words[1] == "tcp_metrics") return true;
  return name == "tc" && std::ranges::find(words, "pfifo") != words.end();
}

bool add_command(const Words& words, std::vector<ShellAction>& to) {
  const std::string name = base_name(words[0]);
  if (changes_nothing(words)) return true;
  if (name == "sysctl" || name == "set_sysctls.py") return add_parameters(words, to);
  if (name == "ethtool") return is_offload(words);
  if (name == "defaults.sh") to.push_back(SetLinuxDefaults{});
  return name == "defaults.sh";
}

/// `sockstat ... | grep program | grep -c STATE | grep COUNT`.
bool add_count(std::span<const Command> pipe, std::vector<ShellAction>& to) {
  if (base_name(pipe[0].words[0]) != "sockstat") return false;
  CountSockets count;
  for (const Command& command : pipe.subspan(1)) {
    const Words& words = command.words;
    if (words[0] != "grep" || words.size() < 2) return false;
    if (words.size() == 3 && words[1] == "-c") count.state = words[2];
    const std::string& last = words.back();
    std::from_chars(last.data(), last.data() + last.size(), count.count);
  }
  if (count.state.empty()) return false;
  to.push_back(std::move(count));
  return true;
}

std::string text_of(const Command& command) {
  std::string text;
  for (const std::string& word : command.words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

std::expected<std::vector<ShellAction>, std::string> interpret_shell(std::string_view text) {
  const std::vector<Command> commands = Splitter(text).run();
  std::vector<ShellAction> actions;
  for (std::size_t first = 0; first < commands.size();) {
    std::size_t last = first;
    while (commands[last].pipes && last + 1 < commands.size()) ++last;
    const std::span<const Command> pipe(&commands[first], last - first + 1);
    const bool understood = pipe.size() == 1 ? add_command(pipe[0].words, actions) : add_count(pipe, actions);
    if (!understood) return std::unexpected(text_of(commands[first]));
    first = last + 1;
  }
  return actions;
}

}  // namespace strata::drill
