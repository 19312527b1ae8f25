// Parses with nlohmann::json's event interface, which neither recurses nor throws; our tree is built from its events.
#include "formats/qgraph_json/document.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

namespace qgraph::formats::qgraph_json {
namespace {

constexpr std::size_t max_depth = 64;
constexpr std::size_t max_values = std::size_t{1} << 26;

/// Walks over the text and tells how far it is: the parser's events have no positions of their own.
class Counting {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  Counting(const char* at, std::uint64_t* count) : at_(at), count_(count) {}
  reference operator*() const { return *at_; }
  Counting& operator++() {
    ++at_;
    if (count_) ++*count_;
    return *this;
  }
  Counting operator++(int) {
    Counting before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Counting& a, const Counting& b) { return a.at_ == b.at_; }
  friend bool operator!=(const Counting& a, const Counting& b) { return a.at_ != b.at_; }

 private:
  const char* at_;
  std::uint64_t* count_;
};

/// nlohmann's SAX interface, by the names of its functions.
class Builder {
 public:
  Builder(Document& document, const std::uint64_t& count) : document_(document), count_(count) {}

  bool null() { return put({}); }
  bool boolean(bool v) { return put({.value = v}); }
  bool number_integer(std::int64_t v) { return put({.value = v}); }
  bool number_unsigned(std::uint64_t v) {
    if (v <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return put({.value = static_cast<std::int64_t>(v)});
    return put({.value = v});
  }
  bool number_float(double v, const std::string&) { return put({.value = v}); }
  bool string(std::string& v) { return put({.value = std::move(v)}); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open({.value = Json::Object{}}); }
  bool start_array(std::size_t) { return open({.value = Json::List{}}); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& k) {
    auto& members = std::get<Json::Object>(stack_.back()->value);
    if (std::ranges::find(members, k, &Member::key) != members.end())
      return fail("QG1403", Cause::duplicate_definition, fmt::format("the key '{}' stands twice in one object", k));
    members.push_back({std::move(k), {}});
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) {
    std::string_view what = e.what();
    what = what.substr(std::min(what.find(": ") == std::string_view::npos ? 0 : what.find(": ") + 2, what.size()));
    at_ = position;
    return fail("QG1401", Cause::unreadable_file, fmt::format("this is no JSON: {}", what));
  }

  const Report& error() const { return error_; }

 private:
  bool fail(std::string_view code, Cause cause, std::string headline) {
    const std::uint64_t offset = at_ ? at_ - 1 : count_;
    error_ = document_.problem({.offset = offset}, code, cause, headline);
    return false;
  }
  Json* place(Json v) {
    v.offset = count_ ? count_ - 1 : 0;
    if (++values_ > max_values) return nullptr;
    if (stack_.empty()) {
      document_.root = std::move(v);
      return &document_.root;
    }
    if (auto* list = std::get_if<Json::List>(&stack_.back()->value)) return &list->emplace_back(std::move(v));
    Json& member = std::get<Json::Object>(stack_.back()->value).back().value;
    member = std::move(v);
    return &member;
  }
  bool put(Json v) {
    return place(std::move(v)) != nullptr ||
           fail("QG9002", Cause::resource_limit, fmt::format("more than {} values", max_values));
  }
  bool open(Json v) {
    if (stack_.size() >= max_depth)
      return fail("QG9002", Cause::resource_limit, fmt::format("lists and objects nest deeper than {}", max_depth));
    Json* in = place(std::move(v));
    if (!in) return fail("QG9002", Cause::resource_limit, fmt::format("more than {} values", max_values));
    stack_.push_back(in);
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  Document& document_;
  const std::uint64_t& count_;
  std::vector<Json*> stack_;
  std::size_t values_ = 0;
  std::uint64_t at_ = 0;
  Report error_;
};

bool find_path(const Json& in, const Json* wanted, std::string& path) {
  if (&in == wanted) return true;
  const std::size_t length = path.size();
  if (const auto* list = in.list()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      path += fmt::format("[{}]", i);
      if (find_path((*list)[i], wanted, path)) return true;
      path.resize(length);
    }
  } else if (const auto* object = in.object()) {
    for (const Member& m : *object) {
      path += length ? "." + m.key : m.key;
      if (find_path(m.value, wanted, path)) return true;
      path.resize(length);
    }
  }
  return false;
}

}  // namespace

std::optional<std::int64_t> Json::integer() const noexcept {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return *i;
  const auto* d = std::get_if<double>(&value);
  if (d && std::abs(*d) < 9e15 && *d == std::trunc(*d)) return static_cast<std::int64_t>(*d);
  return std::nullopt;
}

std::optional<double> Json::number() const noexcept {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* u = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*u);
  if (const auto* d = std::get_if<double>(&value)) return *d;
  const std::string* s = text();
  if (s && *s == "inf") return std::numeric_limits<double>::infinity();
  if (s && *s == "-inf") return -std::numeric_limits<double>::infinity();
  if (s && *s == "nan") return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

std::optional<bool> Json::boolean() const noexcept {
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  return std::nullopt;
}

const Json& Json::operator[](std::string_view key) const noexcept {
  static const Json nothing;
  if (const auto* members = object())
    for (const Member& m : *members)
      if (m.key == key) return m.value;
  return nothing;
}

std::string_view Json::kind() const noexcept {
  constexpr std::string_view words[] = {"null", "a boolean", "a number", "a number", "a number", "a text", "a list", "an object"};
  return words[value.index()];
}

std::size_t Document::line(const Json& at) const {
  const auto before = bytes.first(std::min<std::size_t>(at.offset, bytes.size()));
  return 1 + static_cast<std::size_t>(std::ranges::count(before, std::byte{'\n'}));
}

std::string Document::path(const Json& at) const {
  std::string path;
  return find_path(root, &at, path) ? path : std::string{};
}

Report Document::problem(const Json& at, std::string_view code, Cause cause, std::string_view headline, std::string why) const {
  const std::string p = path(at);
  Report report =
      failure(code, cause,
              p.empty() ? fmt::format("line {}: {}", line(at), headline) : fmt::format("{} (line {}): {}", p, line(at), headline),
              std::move(why));
  Place place;
  place.byte_offset = static_cast<std::int64_t>(at.offset);
  place.attribute = p;
  report.diagnostics.front().places.push_back(std::move(place));
  return report;
}

Result<Document> parse(std::span<const std::byte> bytes) {
  Document document{.bytes = bytes};
  std::uint64_t count = 0;
  Builder builder(document, count);
  const char* begin = reinterpret_cast<const char*>(bytes.data());
  if (!nlohmann::json::sax_parse(Counting(begin, &count), Counting(begin + bytes.size(), nullptr), &builder)) {
    if (builder.error().diagnostics.empty()) return failure("QG1401", Cause::unreadable_file, "this is no JSON");
    return builder.error();
  }
  return document;
}

}  // namespace qgraph::formats::qgraph_json
