// An op's attributes are a plain struct with defaults; a constexpr table names its members:
//
//   struct LeakyRelu { float alpha = 0.01f; };
//   constexpr std::array rows{attr<&LeakyRelu::alpha>("alpha", "slope below zero")};
//   ... .attributes = attribute_table<LeakyRelu>(rows)
//
// Members may be integers, bool, float, double, std::string, vectors of std::int64_t, float, double, std::string, or an
// enum class E for which `constexpr std::span<const std::string_view> enum_words(E)` is found by ADL.
#pragma once

#include <concepts>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "qgraph/graph.hpp"

namespace qgraph {

struct AttrDef {
  std::string_view name{};
  std::string_view doc{};
  bool (*set)(void* attributes, const AttributeValue& value) = nullptr;  ///< false: wrong kind, word or range
  AttributeValue (*get)(const void* attributes) = nullptr;
  std::span<const std::string_view> words{};  ///< of an enumeration
};

struct AttributeTable {
  std::span<const AttrDef> rows{};
  std::shared_ptr<void> (*make)() = nullptr;  ///< a struct with the defaults; null: the op has no attributes
  const AttrDef* find(std::string_view name) const noexcept {
    for (const AttrDef& row : rows)
      if (row.name == name) return &row;
    return nullptr;
  }
};

namespace detail {
template <class T>
struct MemberOf;
template <class S, class M>
struct MemberOf<M S::*> {
  using Struct = S;
  using Member = M;
};

template <class M>
bool set_member(M& m, const AttributeValue& v) {
  if constexpr (std::is_enum_v<M>) {
    const auto words = enum_words(M{});
    if (const auto* s = std::get_if<std::string>(&v)) {
      for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == *s) {
          m = static_cast<M>(i);
          return true;
        }
      return false;
    }
    const auto* i = std::get_if<std::int64_t>(&v);
    if (!i || *i < 0 || static_cast<std::size_t>(*i) >= words.size()) return false;
    m = static_cast<M>(*i);
    return true;
  } else if constexpr (std::is_same_v<M, bool>) {
    const auto* i = std::get_if<std::int64_t>(&v);
    if (!i) return false;
    m = *i != 0;
    return true;
  } else if constexpr (std::integral<M>) {
    const auto* i = std::get_if<std::int64_t>(&v);
    if (!i || !std::in_range<M>(*i)) return false;
    m = static_cast<M>(*i);
    return true;
  } else if constexpr (std::floating_point<M>) {
    if (const auto* d = std::get_if<double>(&v)) {
      m = static_cast<M>(*d);
      return true;
    }
    if (const auto* i = std::get_if<std::int64_t>(&v)) {
      m = static_cast<M>(*i);
      return true;
    }
    return false;
  } else if constexpr (std::is_same_v<M, std::vector<float>>) {
    const auto* d = std::get_if<std::vector<double>>(&v);
    if (!d) return false;
    m.clear();
    for (double x : *d) m.push_back(static_cast<float>(x));
    return true;
  } else if constexpr (std::is_same_v<M, DType>) {
    return false;
  } else {
    const auto* x = std::get_if<M>(&v);
    if (!x) return false;
    m = *x;
    return true;
  }
}
inline bool set_member(DType& m, const AttributeValue& v) {
  const auto* s = std::get_if<std::string>(&v);
  const auto d = s ? dtype_from_name(*s) : std::nullopt;
  if (d) m = *d;
  return d.has_value();
}

template <class M>
AttributeValue get_member(const M& m) {
  if constexpr (std::is_same_v<M, DType>)
    return std::string(name(m));
  else if constexpr (std::is_enum_v<M>)
    return std::string(enum_words(M{})[static_cast<std::size_t>(m)]);
  else if constexpr (std::is_same_v<M, bool> || std::integral<M>)
    return static_cast<std::int64_t>(m);
  else if constexpr (std::floating_point<M>)
    return static_cast<double>(m);
  else if constexpr (std::is_same_v<M, std::vector<float>>)
    return std::vector<double>(m.begin(), m.end());
  else
    return m;
}
template <class M>
constexpr std::span<const std::string_view> member_words() {
  if constexpr (std::is_enum_v<M> && !std::is_same_v<M, DType>)
    return enum_words(M{});
  else
    return {};
}
}  // namespace detail

template <auto Member>
constexpr AttrDef attr(std::string_view name, std::string_view doc) {
  using Of = detail::MemberOf<decltype(Member)>;
  return {.name = name,
          .doc = doc,
          .set = [](void* a,
                    const AttributeValue& v) { return detail::set_member(static_cast<typename Of::Struct*>(a)->*Member, v); },
          .get = [](const void* a) { return detail::get_member(static_cast<const typename Of::Struct*>(a)->*Member); },
          .words = detail::member_words<typename Of::Member>()};
}

template <class Struct>
constexpr AttributeTable attribute_table(std::span<const AttrDef> rows) {
  return {.rows = rows, .make = []() -> std::shared_ptr<void> { return std::make_shared<Struct>(); }};
}

}  // namespace qgraph
