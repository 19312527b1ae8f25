// Walks a flatbuffer along the reflected schema with checked reads, to say what FlatBuffers' verifier only answers with no.
#include "formats/tflite/structure.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/byte_reader.hpp"
#include "formats/tflite/reflect.hpp"
#include "tflite_generated.h"

namespace qgraph::formats::tflite {
namespace {

constexpr unsigned max_depth = 64;

std::uint64_t table_limit(const Budgets& b) {
  return std::min<std::uint64_t>(8ULL * (std::uint64_t{b.nodes} + b.tensors) + 1024, 50'000'000);
}

/// The way to a place in the file: "subgraphs[0].tensors[5].shape". Only spelled out when something is wrong there.
struct Step {
  const Step* parent;
  std::string_view name;
  std::int64_t index = -1;

  std::string path() const {
    std::string out = parent && parent->parent ? parent->path() : std::string{};
    if (!name.empty()) out += (out.empty() ? "" : ".") + std::string(name);
    if (index >= 0) out += fmt::format("[{}]", index);
    return out.empty() ? "the model" : out;
  }
};

class Walk {
 public:
  Walk(std::span<const std::byte> bytes, std::uint64_t tables) : reader_(bytes), tables_left_(tables) {}

  void run() {
    const Step root{nullptr, {}};
    if (const auto target = follow(0, root)) table(*reflected_table("Model"), *target, root, 0);
  }

  struct Problem {
    std::string what;
    std::uint64_t offset = 0;
    bool past_end = false;
  };
  const std::vector<Problem>& problems() const { return problems_; }
  std::uint64_t needed() const { return needed_; }
  bool out_of_tables() const { return tables_left_ == 0; }

 private:
  void broken(std::uint64_t offset, std::string what) { add({std::move(what), offset, false}); }
  /// Something at `offset` reaches up to `end`, beyond the file.
  void past_end(std::uint64_t offset, std::uint64_t end, std::string what) {
    needed_ = std::max(needed_, end);
    add({std::move(what), offset, true});
  }
  void add(Problem p) {
    ++problem_count_;
    if (problems_.size() < 16) problems_.push_back(std::move(p));
  }

  /// Where the offset at `slot` leads.
  std::optional<std::uint64_t> follow(std::uint64_t slot, const Step& step) {
    const auto offset = reader_.at<std::uint32_t>(slot);
    if (!offset) {
      past_end(slot, slot + 4, fmt::format("the offset of {} needs 4 bytes at byte {}", step.path(), slot));
      return std::nullopt;
    }
    if (*offset == 0 || *offset >= (1U << 31)) {
      broken(slot, fmt::format("the offset of {} at byte {} is {}", step.path(), slot, *offset));
      return std::nullopt;
    }
    const std::uint64_t target = slot + *offset;
    if (!reader_.fits(target, 4)) {
      past_end(slot, target + 4, fmt::format("{} should lie at byte {}", step.path(), target));
      return std::nullopt;
    }
    if (target % 4 != 0) {
      broken(slot, fmt::format("{} lies at byte {}, which is not aligned to 4", step.path(), target));
      return std::nullopt;
    }
    return target;
  }

  void table(const reflection::Object& type, std::uint64_t at, const Step& step, unsigned depth) {
    if (tables_left_ == 0) return;
    --tables_left_;
    if (depth > max_depth) return broken(at, fmt::format("{} nests deeper than {}", step.path(), max_depth));
    const std::int64_t vtable = static_cast<std::int64_t>(at) - *reader_.at<std::int32_t>(at);
    const auto vtable_size = vtable >= 0 ? reader_.at<std::uint16_t>(static_cast<std::uint64_t>(vtable)) : std::nullopt;
    const bool past = vtable >= 0 && !reader_.fits(static_cast<std::uint64_t>(vtable),
                                                   vtable_size ? std::max<std::uint64_t>(*vtable_size, 4) : 4);
    if (past)
      return past_end(at, static_cast<std::uint64_t>(vtable) + 4,
                      fmt::format("the fields of {} are listed at byte {}", step.path(), vtable));
    if (!vtable_size || vtable % 2 != 0 || *vtable_size < 4 || *vtable_size % 2 != 0)
      return broken(
          at, fmt::format("the table of {} at byte {} has no sound list of fields (vtable at byte {})", step.path(), at, vtable));

    for (const reflection::Field* field : *type.fields()) {
      if (field->offset() >= *vtable_size) continue;
      const auto within = *reader_.at<std::uint16_t>(static_cast<std::uint64_t>(vtable) + field->offset());
      if (within != 0) this->field(type, *field, at, at + within, static_cast<std::uint64_t>(vtable), *vtable_size, step, depth);
    }
  }

  void field(const reflection::Object& type, const reflection::Field& field, std::uint64_t table_at, std::uint64_t at,
             std::uint64_t vtable, std::uint16_t vtable_size, const Step& parent, unsigned depth) {
    const Step step{&parent, {field.name()->c_str(), field.name()->size()}};
    const reflection::BaseType base = field.type()->base_type();
    const std::size_t size = std::max<std::size_t>(scalar_size(base), scalar_size(base) == 0 ? 4 : 0);
    if (!reader_.fits(at, size))
      return past_end(at, at + size, fmt::format("{} needs {} bytes at byte {}", step.path(), size, at));
    if (at % size != 0) return broken(at, fmt::format("{} lies at byte {}, which is not aligned to {}", step.path(), at, size));
    if (scalar_size(base) > 0) return;
    const auto target = follow(at, step);
    if (!target) return;
    switch (base) {
      case reflection::String: return string(*target, step);
      case reflection::Vector: return vector(*field.type(), *target, step, depth);
      case reflection::Obj: return table(object(field.type()->index()), *target, step, depth + 1);
      case reflection::Union: {
        // The member's number stands in the field before, "<name>_type".
        const reflection::Field* tag = field_of(type, std::string(step.name) + "_type");
        if (!tag || tag->offset() >= vtable_size) return;
        const auto tag_within = *reader_.at<std::uint16_t>(vtable + tag->offset());
        const auto member = tag_within ? reader_.at<std::uint8_t>(table_at + tag_within) : std::nullopt;
        const auto* all = reflected_schema().enums();
        const reflection::Enum& types = *all->Get(static_cast<flatbuffers::uoffset_t>(field.type()->index()));
        if (const reflection::Object* chosen = member ? union_member(types, *member) : nullptr)
          table(*chosen, *target, step, depth + 1);
        return;
      }
      default: return;
    }
  }

  void string(std::uint64_t at, const Step& step) {
    const std::uint64_t size = *reader_.at<std::uint32_t>(at);
    if (!reader_.fits(at + 4, size + 1))
      return past_end(at, at + 5 + size, fmt::format("{} at byte {} needs {} bytes", step.path(), at, size + 5));
    if (reader_.at<char>(at + 4 + size) != '\0')
      broken(at, fmt::format("{} at byte {} does not end in a zero byte", step.path(), at));
  }

  void vector(const reflection::Type& type, std::uint64_t at, const Step& step, unsigned depth) {
    const std::uint64_t count = *reader_.at<std::uint32_t>(at);
    const std::size_t scalar = scalar_size(type.element());
    const std::uint64_t bytes = count * (scalar ? scalar : 4);
    if (!reader_.fits(at + 4, bytes))
      return past_end(at, at + 4 + bytes,
                      fmt::format("{} at byte {} has {} elements and needs {} bytes", step.path(), at, count, bytes + 4));
    if (scalar) return;
    for (std::uint64_t i = 0; i < count && tables_left_ > 0 && problem_count_ < 1000; ++i) {
      const Step item{step.parent, step.name, static_cast<std::int64_t>(i)};
      const auto target = follow(at + 4 + 4 * i, item);
      if (!target) continue;
      if (type.element() == reflection::String)
        string(*target, item);
      else if (type.element() == reflection::Obj)
        table(object(type.index()), *target, item, depth + 1);
    }
  }

  static const reflection::Object& object(std::int32_t index) {
    return *reflected_schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }

  ByteReader reader_;
  std::uint64_t tables_left_;
  std::uint64_t needed_ = 0;
  std::size_t problem_count_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace

bool verify(std::span<const std::byte> bytes, const Budgets& budgets) {
  // The flatbuffer of a larger file lies within its first 2 GB; weights follow it.
  const std::size_t size = std::min<std::size_t>(bytes.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  if (size < 8) return false;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), size, max_depth,
                                 static_cast<flatbuffers::uoffset_t>(table_limit(budgets)));
  return verifier.VerifyBuffer<::tflite::Model>(nullptr);
}

diagnose::Finding explain_structure(std::span<const std::byte> bytes, const Budgets& budgets) {
  Walk walk(bytes, table_limit(budgets));
  walk.run();
  diagnose::Finding f;
  f.breaks = {diagnose::Fact::file()};
  Diagnostic& d = f.diagnostic;
  const auto& problems = walk.problems();
  if (problems.empty() && walk.out_of_tables()) {
    d.code = "QG9002";
    d.cause = Cause::resource_limit;
    d.headline = fmt::format("the file has more than {} tables", table_limit(budgets));
    d.why = "the limit follows from LoadOptions::budgets.nodes and .tensors";
    return f;
  }
  // A cut-off file lacks all that lay behind the cut; a broken offset or size is one thing among sound ones.
  const bool all_past_end = !problems.empty() && std::ranges::all_of(problems, &Walk::Problem::past_end);
  const bool truncated = all_past_end && (problems.size() > 1 || walk.needed() < 2 * bytes.size() + 4096);
  d.code = truncated ? "QG1010" : "QG1011";
  d.cause = Cause::unreadable_file;
  if (problems.empty()) {
    d.headline = "the structure of the file is broken";
    d.places.push_back({});
    return f;
  }
  const Walk::Problem& first = problems.front();
  d.places.push_back({.byte_offset = static_cast<std::int64_t>(first.offset)});
  if (truncated) {
    d.headline = fmt::format("the file is truncated: it ends at byte {}, but {}", bytes.size(), first.what);
    d.expected = fmt::format("at least {} bytes", walk.needed());
    d.found = fmt::format("{} bytes", bytes.size());
    d.why = "a download or copy was cut off: what lay behind the end is lost";
  } else {
    d.headline = fmt::format("the file is corrupt: {}", first.what);
    if (first.past_end) d.found = fmt::format("a file of {} bytes", bytes.size());
    d.why = "bytes of the file were changed after it was written";
  }
  for (std::size_t i = 1; i < problems.size() && i < 4; ++i) d.evidence.push_back(problems[i].what);
  if (problems.size() > 4) d.evidence.push_back(fmt::format("{} or more other things likewise", problems.size() - 4));
  return f;
}

}  // namespace qgraph::formats::tflite
