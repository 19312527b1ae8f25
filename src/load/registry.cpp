// The registry: handlers of the host first, then the tables of formats.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "core/nearest_name.hpp"
#include "core/text_order.hpp"
#include "formats/format.hpp"
#include "load/registry_impl.hpp"

namespace qgraph {
namespace {

bool fits(const Handler& h, const OpKey& key) {
  return h.op == key.op && (h.domain.empty() || h.domain == key.domain) && key.version >= h.min_version &&
         key.version <= h.max_version;
}

/// The best of the handlers that fit: with the key's domain before any, with its dtype before the integer form of it before any.
std::shared_ptr<const Handler> best(const Registry::Impl& r, const OpKey& key) {
  std::shared_ptr<const Handler> found;
  int found_rank = 0;
  for (const auto& h : r.handlers) {
    if (!fits(*h, key)) continue;
    int rank = h->domain.empty() ? 0 : 4;
    if (h->dtype == key.dtype && key.dtype != DType::unknown)
      rank += 3;
    else if (is_quantized(h->dtype) && storage(h->dtype) == key.dtype)
      rank += 2;
    else if (h->dtype == DType::unknown)
      rank += 1;
    else
      continue;
    if (rank > found_rank) {
      found = h;
      found_rank = rank;
    }
  }
  return found;
}

const OpRow* row_for(const Registry::Impl& r, const OpKey& key) {
  const OpRow* nearest = nullptr;
  for (const auto table : r.tables)
    for (auto at = lower_bound_of_text(table, key.op, &OpRow::op); at != table.end() && at->op == key.op; ++at) {
      if (!key.domain.empty() && at->domain != key.domain) continue;
      if (key.version >= at->min_version && key.version <= at->max_version) return &*at;
      if (!nearest || at->max_version > nearest->max_version) nearest = &*at;  // a version newer than known: a rule reports it
    }
  return nearest;
}

std::shared_ptr<const Handler> as_handler(const OpRow& row) {
  auto h = std::make_shared<Handler>();
  h->op = row.op;
  h->domain = row.domain;
  h->min_version = row.min_version;
  h->max_version = row.max_version;
  for (std::size_t i = 0;; ++i) {
    const auto operand = operand_at(row.operands, i);
    if (!operand) break;
    h->inputs.push_back(std::string(operand->name) + (operand->rest ? "*" : operand->optional ? "?" : ""));
    if (operand->rest) break;
  }
  if (row.lower) h->lower = row.lower;
  return h;
}

}  // namespace

Match match(const Registry::Impl& registry, const OpKey& key) {
  if (auto h = best(registry, key)) return {std::move(h), nullptr};
  return {nullptr, row_for(registry, key)};
}

Diagnostic miss(const Registry::Impl& registry, const OpKey& key) {
  Diagnostic d{};
  const std::string shown = key.domain.empty() ? key.op : key.domain + "::" + key.op;
  std::set<std::string> dtypes;
  for (const auto& h : registry.handlers)
    if (h->op == key.op) dtypes.insert(std::string(name(h->dtype)));
  if (!dtypes.empty()) {
    d.code = "QG2002";
    d.cause = Cause::unsupported_dtype;
    d.headline = fmt::format("no handler for '{}' with {}", shown, name(key.dtype));
    d.found = name(key.dtype);
    for (const std::string& s : dtypes) d.expected += (d.expected.empty() ? "" : ", ") + s;
    d.why = fmt::format("handlers are registered for {}", d.expected);
    return d;
  }
  d.code = "QG2001";
  d.cause = Cause::unknown_op;
  d.headline = fmt::format("no handler for op '{}'", shown);
  d.found = shown;
  std::vector<std::string> known;
  for (const auto& h : registry.handlers) known.push_back(h->op);
  for (const auto table : registry.tables)
    for (const OpRow& row : table) known.emplace_back(row.op);
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::string near;
  for (const std::string& n : nearest_names(key.op, known)) near += (near.empty() ? "" : ", ") + n;
  if (!near.empty()) d.evidence.push_back("near names  " + near);
  return d;
}

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::Registry(const Registry& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}
Registry::~Registry() = default;

Registry Registry::with_builtins() {
  Registry r;
  for (const Format* f : all_formats())
    if (!f->ops.empty()) r.impl_->tables.push_back(f->ops);
  return r;
}

Status Registry::add_builtins(std::string_view format) {
  const Format* f = find_format(format);
  if (!f) return failure("QG2003", Cause::unknown_op, fmt::format("there is no format '{}' in this build", format));
  impl_->tables.push_back(f->ops);
  return Done{};
}

Status Registry::add(Handler handler, bool replace) {
  if (handler.op.empty() || !handler.lower)
    return failure("QG2003", Cause::invalid_attribute, "a handler needs an op name and a lower function");
  const auto same = [&](const std::shared_ptr<const Handler>& h) {
    return h->op == handler.op && h->domain == handler.domain && h->dtype == handler.dtype &&
           h->min_version <= handler.max_version && handler.min_version <= h->max_version;
  };
  const std::string shown = handler.domain.empty() ? handler.op : handler.domain + "::" + handler.op;
  if (replace) {
    std::erase_if(impl_->handlers, same);
  } else {
    if (std::ranges::any_of(impl_->handlers, same))
      return failure("QG2003", Cause::duplicate_definition,
                     fmt::format("a handler for '{}' with {} is registered already", shown, name(handler.dtype)));
    const bool whole_builtin = handler.dtype == DType::unknown && !handler.domain.empty() && handler.max_version == INT_MAX;
    if (whole_builtin && row_for(*impl_, {handler.op, handler.domain, DType::unknown, handler.max_version}))
      return failure("QG2003", Cause::duplicate_definition,
                     fmt::format("'{}' is built in; say replace to take its place", shown));
  }
  impl_->handlers.push_back(std::make_shared<const Handler>(std::move(handler)));
  return Done{};
}

Result<std::shared_ptr<const Handler>> Registry::find(const OpKey& key) const {
  const Match m = match(*impl_, key);
  if (m.handler) return m.handler;
  if (m.row) return as_handler(*m.row);
  Report report;
  report.diagnostics.push_back(miss(*impl_, key));
  return report;
}

bool Registry::knows(std::string_view op, std::string_view domain) const {
  for (const auto& h : impl_->handlers)
    if (h->op == op && (domain.empty() || h->domain.empty() || h->domain == domain)) return true;
  for (const auto table : impl_->tables)
    for (auto row = lower_bound_of_text(table, op, &OpRow::op); row != table.end() && row->op == op; ++row)
      if (domain.empty() || row->domain == domain) return true;
  return false;
}

std::vector<std::string> Registry::ops() const {
  std::set<std::string> all;
  for (const auto& h : impl_->handlers) all.insert(h->domain.empty() ? h->op : h->domain + "::" + h->op);
  for (const auto table : impl_->tables)
    for (const OpRow& row : table) all.insert(std::string(row.domain) + "::" + std::string(row.op));
  return {all.begin(), all.end()};
}

}  // namespace qgraph
