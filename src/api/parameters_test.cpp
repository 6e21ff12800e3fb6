#include "strata/parameters.hpp"

#include <gtest/gtest.h>

#include <set>

namespace strata {
namespace {

TEST(Parameters, AWordIsOneOfThoseThereAre) {
  const Parameter& control = *find_parameter("net.ipv4.tcp_congestion_control");
  TcpConfig config;
  EXPECT_EQ(value_text(control, config), "cubic");
  EXPECT_TRUE(set_parameter(control, config, " reno\n"));
  EXPECT_EQ(config.congestion_control, CongestionAlgorithm::new_reno);
  for (const char* wrong : {"", "ren", "renos", "reno dctcp", "1"}) {
    EXPECT_FALSE(set_parameter(control, config, wrong)) << wrong;
  }
  EXPECT_EQ(value_text(control, config), "reno");
}

TEST(Parameters, EachReadsBackWhatItWasSetTo) {
  for (const Parameter& parameter : parameters()) {
    TcpConfig config;
    const std::string standard = value_text(parameter, config);
    EXPECT_TRUE(set_parameter(parameter, config, standard)) << parameter.name;
    EXPECT_EQ(value_text(parameter, config), standard) << parameter.name;
    const bool is_word = !parameter.names.empty();
    std::string least = is_word ? std::string(parameter.names.front()) : std::to_string(parameter.least);
    std::string text = least;
    for (int i = 1; i < parameter.count; ++i) text += "\t" + least;
    EXPECT_TRUE(set_parameter(parameter, config, text + "\n")) << parameter.name;
    for (int i = 1; i < parameter.count; ++i) least += " " + std::to_string(parameter.least);
    EXPECT_EQ(value_text(parameter, config), least) << parameter.name;
  }
}

TEST(Parameters, WhatIsOutOfRangeOrNoNumberChangesNothing) {
  for (const Parameter& parameter : parameters()) {
    TcpConfig config;
    const std::string before = value_text(parameter, config);
    for (const std::string& text : {std::to_string(parameter.least - 1), std::to_string(parameter.most + 1),
                                    std::string(), std::string("x"), before + " 1", before + "x"}) {
      EXPECT_EQ(set_parameter(parameter, config, text).error(), Errc::invalid_argument)
          << parameter.name << " = '" << text << "'";
      EXPECT_EQ(value_text(parameter, config), before);
    }
  }
}

TEST(Parameters, NamesAreUniqueAndMayBeGivenInFull) {
  std::set<std::string_view> names;
  for (const Parameter& parameter : parameters()) EXPECT_TRUE(names.insert(parameter.name).second);
  EXPECT_EQ(find_parameter("net.ipv4.tcp_fin_timeout"), find_parameter("tcp_fin_timeout"));
  EXPECT_EQ(find_parameter("net/ipv4/tcp_fin_timeout"), find_parameter("tcp_fin_timeout"));
  EXPECT_NE(find_parameter("tcp_fin_timeout"), nullptr);
  EXPECT_EQ(find_parameter("tcp_fin"), nullptr);
}

TEST(Parameters, ARangeHasAnOrder) {
  TcpConfig config;
  const Parameter& range = *find_parameter("ip_local_port_range");
  EXPECT_TRUE(set_parameter(range, config, "1000 2000"));
  EXPECT_EQ(config.port_first, 1000);
  EXPECT_EQ(config.port_last, 2000);
  EXPECT_FALSE(set_parameter(range, config, "3000 2000"));
}

TEST(Parameters, ProfilesSetThemTogether) {
  for (const std::string_view name : profile_names()) EXPECT_TRUE(profile_config(name)) << name;
  EXPECT_FALSE(profile_config("plan9"));
  EXPECT_EQ(profile_config("freebsd")->synack_retries, 3);
  EXPECT_EQ(profile_config("freebsd")->syn_fin, TcpSynFin::taken);
}

}  // namespace
}  // namespace strata
