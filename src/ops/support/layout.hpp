// How spatial data, filters and their borders lie: the words that convolutions and pooling share.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace qgraph {

/// Channels last or first; "nhwc" also stands for [n,d,h,w,c], "nchw" for [n,c,d,h,w].
enum class Layout : std::uint8_t { nhwc, nchw };
constexpr std::string_view layout_words[] = {"nhwc", "nchw"};
constexpr std::span<const std::string_view> enum_words(Layout) { return layout_words; }

/// Order of a filter's axes: o output channels, i input channels (of one group), hw the spatial axes (dhw in three dimensions).
enum class FilterLayout : std::uint8_t { ohwi, oihw, hwio, iohw, hwoi };
constexpr std::string_view filter_layout_words[] = {"ohwi", "oihw", "hwio", "iohw", "hwoi"};
constexpr std::span<const std::string_view> enum_words(FilterLayout) { return filter_layout_words; }

/// valid: none. same: output = input / stride rounded up, the odd element behind (same) or before (same_lower). explicit: as
/// given.
enum class Padding : std::uint8_t { valid, same, same_lower, explicit_ };
constexpr std::string_view padding_words[] = {"valid", "same", "same_lower", "explicit"};
constexpr std::span<const std::string_view> enum_words(Padding) { return padding_words; }

}  // namespace qgraph
