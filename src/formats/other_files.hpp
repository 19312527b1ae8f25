// What a file is that is no model: said from its first bytes.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "diagnose/finding.hpp"

namespace qgraph::formats {

/// A finding that names the kind of file these bytes are, where it is one that stands in a model's place now and then.
std::optional<diagnose::Finding> other_kind_of_file(std::span<const std::byte> bytes);
/// A finding for bytes of no known kind: shows the first of them.
diagnose::Finding not_recognised(std::span<const std::byte> bytes, std::string_view extension);

}  // namespace qgraph::formats
