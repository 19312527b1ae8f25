// Edits of nodes: their place, op codes, inputs and options.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "formats/tflite/flexbuffer.hpp"
#include "formats/tflite/op_table.hpp"
#include "formats/tflite/patch.hpp"
#include "formats/tflite/state.hpp"

namespace qgraph::formats::tflite {

using source::NodeRef;

TableRef Patch::node(NodeRef ref) {
  const TableRef t = ref ? flat.item(graph(ref.graph), "operators", ref.index) : TableRef{};
  if (!t.type) flat.fail(fmt::format("there is no node {}", ref.index));
  return t;
}

void Patch::make(const source::SetInput& e) {
  const TableRef t = node(e.node);
  if (t.type) set_position(t, "inputs", e.input, e.tensor);
}

// Op codes

Patch::Code Patch::code(std::size_t index) {
  const TableRef t = flat.item(flat.root(), "operator_codes", index);
  if (!t.type) return {.builtin = -1};
  Code c;
  c.builtin = static_cast<std::int32_t>(std::max(flat.integer(t, "deprecated_builtin_code"), flat.integer(t, "builtin_code")));
  c.version = static_cast<std::int32_t>(flat.integer(t, "version"));
  if (const std::size_t slot = flat.field(t, "custom_code")) {
    const std::size_t s = flat.target(slot);
    c.custom.assign(reinterpret_cast<const char*>(flat.bytes().data() + s + 4), flat.read<std::uint32_t>(s));
  }
  return c;
}

void Patch::write_code(TableRef t, const Code& c) {
  flat.set_integer(t, "deprecated_builtin_code", std::min(c.builtin, 127));
  flat.set_integer(t, "builtin_code", c.builtin);
  flat.set_integer(t, "version", c.version);
  constexpr std::array<std::string_view, 1> custom{"custom_code"};
  if (c.custom.empty())
    flat.remove(t, custom);
  else
    flat.set_target(t, "custom_code", [&] { return flat.append_string(c.custom); });
}

std::size_t Patch::users(std::size_t code_index) {
  std::size_t n = 0;
  for (std::size_t g = 0; g < flat.count(flat.root(), "subgraphs"); ++g) {
    const TableRef sub = flat.item(flat.root(), "subgraphs", g);
    for (std::size_t i = 0; i < flat.count(sub, "operators"); ++i)
      n += flat.integer(flat.item(sub, "operators", i), "opcode_index") == static_cast<std::int64_t>(code_index) ? 1U : 0U;
  }
  return n;
}

void Patch::use_code(NodeRef ref, const Code& wanted) {
  const auto old = static_cast<std::size_t>(flat.integer(node(ref), "opcode_index"));
  if (code(old) == wanted) return;
  std::size_t codes = flat.count(flat.root(), "operator_codes");
  for (std::size_t i = 0; i < codes; ++i)
    if (code(i) == wanted) {
      flat.set_integer(node(ref), "opcode_index", static_cast<std::int64_t>(i));
      replaced_codes_.emplace_back(old, i);
      return;
    }
  if (old < codes && users(old) == 1) return write_code(flat.item(flat.root(), "operator_codes", old), wanted);
  write_code(flat.append_item(flat.root(), "operator_codes"), wanted);
  flat.set_integer(node(ref), "opcode_index", static_cast<std::int64_t>(codes));
  replaced_codes_.emplace_back(old, codes);
}

void Patch::finish() {
  for (const auto& [old, replacement] : replaced_codes_) {
    const Code gone = code(old), in_use = code(replacement);
    if (gone == in_use) continue;
    for (std::size_t i = 0; i < flat.count(flat.root(), "operator_codes"); ++i)
      if (code(i) == gone && users(i) == 0) write_code(flat.item(flat.root(), "operator_codes", i), in_use);
  }
}

std::int32_t Patch::builtin_number(std::string_view op) {
  const reflection::Enum& all = *reflected_enum("BuiltinOperator");
  for (const reflection::EnumVal* v : *all.values())
    if (op == std::string_view(v->name()->c_str(), v->name()->size())) return static_cast<std::int32_t>(v->value());
  flat.fail(fmt::format("TensorFlow Lite has no builtin operator '{}'", op));
  return -1;
}

void Patch::make(const source::SetOp& e) {
  if (!node(e.node).type) return;
  Code c = code(static_cast<std::size_t>(flat.integer(node(e.node), "opcode_index")));
  const bool custom = e.domain == "tflite.custom";
  c.builtin = custom ? static_cast<std::int32_t>(schema::BuiltinOperator::CUSTOM) : builtin_number(e.op);
  c.custom = custom ? e.op : std::string{};
  if (flat.error().empty()) use_code(e.node, c);
}

void Patch::make(const source::SetVersion& e) {
  if (!node(e.node).type) return;
  Code c = code(static_cast<std::size_t>(flat.integer(node(e.node), "opcode_index")));
  c.version = e.version;
  use_code(e.node, c);
}

// Options

namespace {

const OpRow* row_of_op(std::string_view op) {
  const auto rows = op_table();
  const auto row = std::ranges::find_if(rows, [&](const OpRow& r) { return r.op == op && r.domain == "tflite"; });
  return row == rows.end() ? nullptr : &*row;
}

std::string_view options_of(const OpRow& row) {
  std::string_view name = row.options;
  if (name.ends_with('?')) name.remove_suffix(1);
  return name;
}

/// The member of a union whose table has this name; 0 if none has.
std::int64_t member_named(std::string_view union_name, std::string_view table) {
  for (const reflection::EnumVal* v : *reflected_enum(union_name)->values())
    if (table == std::string_view(v->name()->c_str(), v->name()->size())) return v->value();
  return 0;
}

}  // namespace

TableRef Patch::options(NodeRef ref) {
  const TableRef t = node(ref);
  if (!t.type) return {};
  const Code c = code(static_cast<std::size_t>(flat.integer(t, "opcode_index")));
  const char* op = schema::EnumNameBuiltinOperator(static_cast<schema::BuiltinOperator>(c.builtin));
  const OpRow* row = row_of_op(op);
  const std::string_view wanted = row ? options_of(*row) : std::string_view{};
  for (const std::string_view name : {"builtin_options", "builtin_options_2"}) {
    const TableRef stored = flat.child(t, name);
    if (!stored.type) continue;
    if (wanted.empty() || reflected_table(wanted) == stored.type) {
      if (is_shared("operators", name, flat.at(stored))) flat.unshare(stored);
      return stored;
    }
    const std::string tag = std::string(name) + "_type";
    const std::array<std::string_view, 2> names{name, tag};
    flat.remove(t, names);
  }
  for (const auto& [name, union_name] :
       {std::pair{"builtin_options", "BuiltinOptions"}, {"builtin_options_2", "BuiltinOptions2"}}) {
    const std::int64_t member = wanted.empty() ? 0 : member_named(union_name, wanted);
    if (member == 0) continue;
    flat.set_integer(t, std::string(name) + "_type", member);
    flat.set_target(t, name, [&] { return flat.append_empty_table(); });
    return flat.child(t, name);
  }
  return {};
}

void Patch::set_field(TableRef t, std::string_view name, const AttributeValue& value) {
  const reflection::Field* f = field_of(*t.type, name);
  if (!f) return flat.fail(fmt::format("the options have no field '{}'", name));
  const reflection::Type& type = *f->type();
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto* real = std::get_if<double>(&value);
  const auto* word = std::get_if<std::string>(&value);
  if (type.base_type() == reflection::Float || type.base_type() == reflection::Double) {
    if (!integer && !real) return flat.fail(fmt::format("'{}' is a number", name));
    return flat.set_float(t, name, real ? *real : static_cast<double>(*integer));
  }
  if (scalar_size(type.base_type()) > 0) {
    if (integer) return flat.set_integer(t, name, *integer);
    if (word && type.index() >= 0) {
      const auto& values = *reflected_schema().enums()->Get(static_cast<flatbuffers::uoffset_t>(type.index()))->values();
      for (const reflection::EnumVal* v : values)
        if (*word == std::string_view(v->name()->c_str(), v->name()->size())) return flat.set_integer(t, name, v->value());
    }
    return flat.fail(fmt::format("'{}' does not take that value", name));
  }
  if (type.base_type() == reflection::String && word) return flat.set_target(t, name, [&] { return flat.append_string(*word); });
  const auto* integers = std::get_if<std::vector<std::int64_t>>(&value);
  const auto* reals = std::get_if<std::vector<double>>(&value);
  const std::size_t step = type.base_type() == reflection::Vector ? scalar_size(type.element()) : 0;
  if (step == 0 || (!integers && !reals)) return flat.fail(fmt::format("'{}' does not take that value", name));
  std::vector<std::byte> bytes;
  const auto put = [&](auto element) {
    const auto* p = reinterpret_cast<const std::byte*>(&element);
    bytes.insert(bytes.end(), p, p + step);  // little-endian: the low bytes
  };
  const std::size_t count = integers ? integers->size() : reals->size();
  for (std::size_t i = 0; i < count; ++i) {
    const double d = reals ? (*reals)[i] : static_cast<double>((*integers)[i]);
    if (type.element() == reflection::Float)
      put(static_cast<float>(d));
    else if (type.element() == reflection::Double)
      put(d);
    else
      put(integers ? (*integers)[i] : static_cast<std::int64_t>(d));
  }
  flat.set_target(t, name, [&] { return flat.append_vector(bytes, count, step); });
}

void Patch::set_key(TableRef t, std::string_view field, const std::string& name, const std::optional<AttributeValue>& value) {
  Flex root{.kind = Flex::Kind::map};
  if (const std::size_t slot = flat.field(t, field); slot && flat.count(t, field) > 0) {
    auto old = read_flexbuffer(std::span<const std::byte>(flat.bytes()).subspan(flat.target(slot) + 4, flat.count(t, field)));
    if (!old || old->kind != Flex::Kind::map) return flat.fail("the custom options are no map of names");
    root = *std::move(old);
  }
  const auto at = std::ranges::find(root.keys, name) - root.keys.begin();
  const bool there = static_cast<std::size_t>(at) < root.keys.size();
  if (value) {
    Flex item = from_attribute(*value, there ? &root.items[static_cast<std::size_t>(at)] : nullptr);
    if (there) {
      root.items[static_cast<std::size_t>(at)] = std::move(item);
    } else {
      root.keys.push_back(name);
      root.items.push_back(std::move(item));
    }
  } else if (there) {
    root.keys.erase(root.keys.begin() + at);
    root.items.erase(root.items.begin() + at);
  }
  const std::vector<std::byte> bytes = write_flexbuffer(root);
  flat.set_target(t, field, [&] { return flat.append_vector(bytes, bytes.size(), 16); });
}

void Patch::make(const source::SetAttribute& e) {
  if (!node(e.node).type) return;
  const Code c = code(static_cast<std::size_t>(flat.integer(node(e.node), "opcode_index")));
  if (c.builtin == static_cast<std::int32_t>(schema::BuiltinOperator::CUSTOM)) {
    if (flat.integer(node(e.node), "large_custom_options_offset") > 1)
      return flat.fail("custom options behind the flatbuffer are not rewritten");
    return set_key(node(e.node), "custom_options", e.name, e.value);
  }
  const TableRef t = options(e.node);
  if (!t.type) return flat.fail(fmt::format("the node takes no options, and so no '{}'", e.name));
  if (!field_of(*t.type, e.name) && field_of(*t.type, "composite_attributes"))
    return set_key(t, "composite_attributes", e.name, e.value);
  if (e.value) return set_field(t, e.name, *e.value);
  const std::array<std::string_view, 1> names{e.name};
  flat.remove(t, names);
}

// Nodes

void Patch::make(const source::AddNode& e) {
  if (!graph(e.graph).type) return;
  const auto last = static_cast<std::uint32_t>(flat.count(graph(e.graph), "operators"));
  const NodeRef ref{e.graph, last};
  flat.append_item(graph(e.graph), "operators");
  const auto indices = [](const std::vector<source::TensorRef>& refs) {
    std::vector<std::int32_t> out;
    for (const source::TensorRef r : refs) out.push_back(r ? static_cast<std::int32_t>(r.index) : -1);
    return out;
  };
  const bool custom = e.node.domain == "tflite.custom";
  Code c{.version = e.node.version};
  c.builtin = custom ? static_cast<std::int32_t>(schema::BuiltinOperator::CUSTOM) : builtin_number(e.node.op);
  if (custom) c.custom = e.node.op;
  if (!flat.error().empty()) return;
  // use_code() may write over the code of a node that is its only user: this one has none yet.
  std::size_t index = 0, codes = flat.count(flat.root(), "operator_codes");
  while (index < codes && code(index) != c) ++index;
  if (index == codes) write_code(flat.append_item(flat.root(), "operator_codes"), c);
  flat.set_integer(node(ref), "opcode_index", static_cast<std::int64_t>(index));
  set_list(node(ref), "inputs", indices(e.node.inputs));
  set_list(node(ref), "outputs", indices(e.node.outputs));
  if (!e.node.raw_options.empty())
    flat.set_target(node(ref), "custom_options",
                    [&] { return flat.append_vector(e.node.raw_options, e.node.raw_options.size(), 16); });
  if (!custom) options(ref);
  if (e.node.attributes.edited)
    for (const auto& [name, value] : *e.node.attributes.edited) make(source::SetAttribute{ref, name, value});
  make(source::MoveNode{ref, std::min(e.before, last)});
}

void Patch::make(const source::MoveNode& e) {
  const TableRef g = graph(e.node.graph);
  if (!g.type || !node(e.node).type) return;
  const std::size_t n = flat.count(g, "operators"), from = e.node.index, to = std::min<std::size_t>(e.to, n - 1);
  std::vector<std::size_t> targets(n);
  for (std::size_t i = 0; i < n; ++i) targets[i] = flat.at(flat.item(g, "operators", i));
  if (from < to)
    std::rotate(targets.begin() + static_cast<std::ptrdiff_t>(from), targets.begin() + static_cast<std::ptrdiff_t>(from) + 1,
                targets.begin() + static_cast<std::ptrdiff_t>(to) + 1);
  else
    std::rotate(targets.begin() + static_cast<std::ptrdiff_t>(to), targets.begin() + static_cast<std::ptrdiff_t>(from),
                targets.begin() + static_cast<std::ptrdiff_t>(from) + 1);
  for (std::size_t i = 0; i < n; ++i) flat.redirect(flat.item(g, "operators", i).slot, targets[i]);
}

void Patch::make(const source::RemoveNode& e) {
  const TableRef g = graph(e.node.graph);
  if (!g.type || !node(e.node).type) return;
  const auto n = static_cast<std::uint32_t>(flat.count(g, "operators"));
  make(source::MoveNode{e.node, n - 1});
  flat.write(flat.target(flat.field(g, "operators")), n - 1);
}

}  // namespace qgraph::formats::tflite
