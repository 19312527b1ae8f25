// A file's bytes, mapped read-only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "qgraph/result.hpp"
#include "qgraph/tensor.hpp"

namespace qgraph {

/// The whole file, page-aligned; the Buffer's owner keeps it mapped. Empty for an empty file. Fails with QG1001 where it cannot
/// be opened or read (no file, a directory, no permission), with QG9001 where it is larger than `max_bytes`.
Result<Buffer> map_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Gives the pages of `bytes`, which belong to `owner`, a mapped file, back to the system. Whoever reads them again gets the same
/// bytes, read from the file once more. Does nothing with bytes of any other owner.
void release_pages(const std::shared_ptr<const void>& owner, std::span<const std::byte> bytes) noexcept;

}  // namespace qgraph
