// One captured frame taken apart for people: its headers one inside the other, with every field's value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "obs/frame_layers.hpp"
#include "obs/paint.hpp"

namespace strata::obs {

/// A line of the fields of each header.
std::vector<std::string> tcp_fields(const TcpView& tcp);
std::vector<std::string> ip_fields(const Ipv4View& ip);
std::vector<std::string> ethernet_fields(const EthernetView& ethernet);

/// The bytes, each header indented inside the one around it; of the data at most `data_max` bytes.
std::string nested_dump(const FrameLayers& layers, std::string_view data_name, std::size_t data_max,
                        const Paint& paint);

/// `47 45 54`
std::string hex(std::string_view bytes);

}  // namespace strata::obs
