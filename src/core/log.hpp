// Logging: what the loader does, to the host's callback. spdlog formats and filters; nothing is printed.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "qgraph/load.hpp"

namespace spdlog {
class logger;
}

namespace qgraph {

/// A logger whose lines go to `callback`; without one it drops everything at the cost of a test.
std::shared_ptr<spdlog::logger> make_logger(std::function<void(LogLevel, std::string_view)> callback);

}  // namespace qgraph
