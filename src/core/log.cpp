// A spdlog sink in front of the host's callback.
#include "core/log.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

namespace qgraph {
namespace {

LogLevel level_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace: return LogLevel::trace;
    case spdlog::level::debug: return LogLevel::debug;
    case spdlog::level::info: return LogLevel::info;
    case spdlog::level::warn: return LogLevel::warning;
    default: return LogLevel::error;
  }
}

/// One load runs on one thread: no lock.
class CallbackSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit CallbackSink(std::function<void(LogLevel, std::string_view)> callback) : callback_(std::move(callback)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    callback_(level_of(message.level), {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  std::function<void(LogLevel, std::string_view)> callback_;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(std::function<void(LogLevel, std::string_view)> callback) {
  if (!callback) {
    auto silent = std::make_shared<spdlog::logger>("qgraph");
    silent->set_level(spdlog::level::off);
    return silent;
  }
  auto logger = std::make_shared<spdlog::logger>("qgraph", std::make_shared<CallbackSink>(std::move(callback)));
  logger->set_level(spdlog::level::trace);
  return logger;
}

}  // namespace qgraph
