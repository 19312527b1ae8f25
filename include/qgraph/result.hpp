// Result<T>: a value, or the Report that says why there is none.
#pragma once

#include <utility>
#include <variant>

#include "qgraph/report.hpp"
#if QGRAPH_EXCEPTIONS
#include <stdexcept>
#endif

namespace qgraph {

#if QGRAPH_EXCEPTIONS
/// Thrown by load_graph() and Result::value(). what() is the report's text.
class QGRAPH_API LoadError : public std::runtime_error {
 public:
  explicit LoadError(Report report);
  const Report& report() const noexcept { return report_; }

 private:
  Report report_;
};
#endif

/// A report that holds one error. The short way to fail.
QGRAPH_API Report failure(std::string_view code, Cause cause, std::string headline, std::string why = {});

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Report report) : state_(std::in_place_index<1>, std::move(report)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }
  /// The report; only where !ok().
  const Report& error() const& noexcept { return *std::get_if<1>(&state_); }
  Report&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }
#if QGRAPH_EXCEPTIONS
  T& value() & {
    if (!ok()) throw LoadError(error());
    return **this;
  }
  T value() && {
    if (!ok()) throw LoadError(error());
    return std::move(**this);
  }
#endif

 private:
  std::variant<T, Report> state_;
};

struct Done {};
/// Success without a value, or a Report.
using Status = Result<Done>;

}  // namespace qgraph
