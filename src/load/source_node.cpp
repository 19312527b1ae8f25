// SourceNode: what a handler reads, over any format.
#include <cmath>

#include "load/lowering.hpp"
#include "qgraph/source.hpp"

namespace qgraph {
namespace {

const source::Model& model_of(const SourceNode::Impl& i) { return i.lowering->shared.model; }

/// Position of an operand of this name in the node's inputs.
std::optional<std::size_t> operand_index(const SourceNode::Impl& i, std::string_view operand) {
  if (!i.node->input_names.empty()) {
    for (std::size_t k = 0; k < i.node->input_names.size(); ++k)
      if (i.node->input_names[k] == operand) return k;
    // A file that names operands in its own way gives those that it does not name by position.
  }
  std::optional<std::size_t> position;
  if (i.match->row) position = operand_position(i.match->row->operands, operand);
  if (i.match->handler)
    for (std::size_t k = 0; k < i.match->handler->inputs.size(); ++k) {
      std::string_view declared = i.match->handler->inputs[k];
      if (!declared.empty() && (declared.back() == '?' || declared.back() == '*')) declared.remove_suffix(1);
      if (declared == operand) position = k;
    }
  if (position && !i.node->input_names.empty()) {
    const bool named = *position < i.node->input_names.size() && !i.node->input_names[*position].empty();
    if (named || *position >= i.node->input_names.size()) return std::nullopt;
  }
  return position;
}

TensorType type_at(const SourceNode::Impl& impl, const std::vector<source::TensorRef>& tensors, std::size_t i) {
  if (i >= tensors.size() || !tensors[i]) return {DType::unknown, Shape::unknown_rank()};
  return impl.lowering->shared.types[tensors[i].graph][tensors[i].index];
}

}  // namespace

std::string_view SourceNode::op() const noexcept { return impl_->node->op; }
std::string_view SourceNode::domain() const noexcept { return impl_->node->domain; }
std::string_view SourceNode::format() const noexcept { return model_of(*impl_).format; }
int SourceNode::version() const noexcept { return impl_->node->version; }
std::string_view SourceNode::name() const noexcept {
  if (!impl_->node->name.empty() || impl_->node->outputs.empty() || !impl_->node->outputs[0]) return impl_->node->name;
  return model_of(*impl_)[impl_->node->outputs[0]].name;
}
std::int64_t SourceNode::index() const noexcept { return impl_->node->file_index; }

std::size_t SourceNode::input_count() const noexcept { return impl_->node->inputs.size(); }
Value SourceNode::input(std::size_t i) const {
  return i < impl_->node->inputs.size() ? impl_->lowering->value(impl_->node->inputs[i]) : Value{};
}
Value SourceNode::input(std::string_view operand) const {
  const auto i = operand_index(*impl_, operand);
  return i ? input(*i) : Value{};
}

std::size_t SourceNode::output_count() const noexcept { return impl_->node->outputs.size(); }
TensorType SourceNode::output_type(std::size_t i) const { return type_at(*impl_, impl_->node->outputs, i); }
TensorType SourceNode::intermediate_type(std::size_t i) const { return type_at(*impl_, impl_->node->intermediates, i); }

std::optional<AttributeValue> SourceNode::attribute(std::string_view key) const {
  return model_of(*impl_).attribute(*impl_->node, key);
}
std::vector<std::string> SourceNode::attribute_names() const { return model_of(*impl_).attribute_names(*impl_->node); }

std::int64_t SourceNode::integer(std::string_view key, std::int64_t fallback) const {
  const auto v = attribute(key);
  if (!v) return fallback;
  if (const auto* i = std::get_if<std::int64_t>(&*v)) return *i;
  if (const auto* d = std::get_if<double>(&*v); d && std::abs(*d) < 9e15) return static_cast<std::int64_t>(*d);
  return fallback;
}
double SourceNode::number(std::string_view key, double fallback) const {
  const auto v = attribute(key);
  if (!v) return fallback;
  if (const auto* d = std::get_if<double>(&*v)) return *d;
  if (const auto* i = std::get_if<std::int64_t>(&*v)) return static_cast<double>(*i);
  return fallback;
}
std::string SourceNode::text(std::string_view key, std::string_view fallback) const {
  const auto v = attribute(key);
  const auto* s = v ? std::get_if<std::string>(&*v) : nullptr;
  return s ? *s : std::string(fallback);
}
std::vector<float> SourceNode::floats(std::string_view key) const {
  std::vector<float> out;
  const auto v = attribute(key);
  if (!v) return out;
  if (const auto* d = std::get_if<double>(&*v)) out.push_back(static_cast<float>(*d));
  if (const auto* i = std::get_if<std::int64_t>(&*v)) out.push_back(static_cast<float>(*i));
  if (const auto* ds = std::get_if<std::vector<double>>(&*v))
    for (double d : *ds) out.push_back(static_cast<float>(d));
  if (const auto* is = std::get_if<std::vector<std::int64_t>>(&*v))
    for (std::int64_t i : *is) out.push_back(static_cast<float>(i));
  return out;
}
std::vector<std::int64_t> SourceNode::integers(std::string_view key) const {
  std::vector<std::int64_t> out;
  const auto v = attribute(key);
  if (!v) return out;
  if (const auto* i = std::get_if<std::int64_t>(&*v)) out.push_back(*i);
  if (const auto* is = std::get_if<std::vector<std::int64_t>>(&*v)) out = *is;
  if (const auto* ds = std::get_if<std::vector<double>>(&*v))
    for (double d : *ds)
      if (std::abs(d) < 9e15) out.push_back(static_cast<std::int64_t>(d));
  return out;
}
std::span<const std::byte> SourceNode::raw_options() const noexcept { return impl_->node->raw_options; }
std::vector<GraphId> SourceNode::bodies() const {
  std::vector<GraphId> ids;
  for (const std::uint32_t b : impl_->node->bodies) ids.push_back({b});
  return ids;
}

std::vector<Value> SourceNode::captures() const { return impl_->captures; }

Diagnostic SourceNode::problem(Cause cause, std::string headline, std::string why) const {
  Diagnostic d{};
  d.code = "QG2100";
  d.cause = cause;
  d.headline = std::move(headline);
  d.why = std::move(why);
  d.places.push_back(model_of(*impl_).place(impl_->ref));
  return d;
}

}  // namespace qgraph
