// A loaded model and a Session as `run` and `bench` open them, and inputs for it.
#pragma once

#include <filesystem>
#include <optional>
#include <random>
#include <string>

#include "cli/command.hpp"
#include "qgraph/load.hpp"
#include "qgraph/session.hpp"

namespace qgraph::cli {

struct SessionFlags {
  std::string model{}, kernels = "fast", signature{};
  int threads = 1;
  std::uint64_t seed = 0;
  bool profile = false;  ///< not an option of both
  std::string packed_cache{};
};
/// The options that run and bench share.
void add_session_flags(CLI::App& app, SessionFlags& flags);

/// Loads; where that fails the report is on stderr and `exit` says how the command ends.
std::optional<Model> load(const std::string& file, Exit& exit);
/// The name of a signature given by name or position; nothing, and a message, where there is none.
std::optional<std::string> signature_name(const Model& model, const std::string& wanted);
std::optional<Session> open_session(const Model& model, const SessionFlags& flags, Exit& exit);

/// A tensor of seeded random values: all values of a storage dtype of up to 16 bits, 0 to 9 of wider integers, floats in [-1, 1);
/// dynamic dimensions are 1.
Tensor random_input(const TensorType& type, std::mt19937_64& random);

}  // namespace qgraph::cli
