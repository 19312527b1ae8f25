// Writing a file so that its name never stands for half of it.
#pragma once

#include <filesystem>
#include <span>

#include "qgraph/result.hpp"

namespace qgraph {

/// Writes a temporary file beside the target, syncs it to disk and renames it over the target: whoever opens the name sees the
/// old bytes or the new ones. On failure (QG1501) the old file is as it was and the temporary one is gone.
/// The target keeps its permissions; through a symbolic link its target is replaced.
Status write_atomically(const std::filesystem::path& target, std::span<const std::byte> bytes);

}  // namespace qgraph
