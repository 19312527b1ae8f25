// A JSON document whose values know where they stand, so that a problem can be shown with its path and line.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "qgraph/result.hpp"

namespace qgraph::formats::qgraph_json {

struct Member;

/// A value. Lookups are linear and end in null where there is nothing, so that readers need not check each step.
struct Json {
  using List = std::vector<Json>;
  using Object = std::vector<Member>;
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, List, Object> value{};
  std::uint64_t offset = 0;  ///< in the file, just behind its first token

  bool is_null() const noexcept { return value.index() == 0; }
  bool is_number() const noexcept { return value.index() >= 2 && value.index() <= 4; }
  const std::string* text() const noexcept { return std::get_if<std::string>(&value); }
  const List* list() const noexcept { return std::get_if<List>(&value); }
  const Object* object() const noexcept { return std::get_if<Object>(&value); }
  std::optional<std::int64_t> integer() const noexcept;  ///< also 3.0
  std::optional<double> number() const noexcept;         ///< also "inf", "-inf" and "nan"
  std::optional<bool> boolean() const noexcept;
  /// The member of this key; null where this is no object or has none.
  const Json& operator[](std::string_view key) const noexcept;
  bool has(std::string_view key) const noexcept { return !(*this)[key].is_null(); }
  std::string_view kind() const noexcept;  ///< "a list"
};

struct Member {
  std::string key{};
  Json value{};
};

struct Document {
  Json root{};
  std::span<const std::byte> bytes{};

  std::size_t line(const Json&) const;
  std::string path(const Json&) const;  ///< "nodes[0].weights[3]"
  /// A report placed at a value of this document: "nodes[0].scale (line 7): ..."
  Report problem(const Json& at, std::string_view code, Cause cause, std::string_view headline, std::string why = {}) const;
};

/// Fails with QG1401 on what is not JSON, QG1403 on a key that stands twice in an object, QG9002 on nesting and number of values.
Result<Document> parse(std::span<const std::byte> bytes);

}  // namespace qgraph::formats::qgraph_json
