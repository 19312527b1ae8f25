// A line per node: its share of the time, what computes it, and how fast.
#include "cli/profile_table.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace qgraph::cli {
namespace {

/// Giga per second, of so much in so many microseconds; nothing where there is nothing to count.
double giga(std::uint64_t count, double microseconds) {
  return microseconds > 0 ? static_cast<double>(count) / microseconds / 1e3 : 0;
}
std::string cell(double value) { return value > 0 ? fmt::format("{:.2f}", value) : std::string("-"); }

std::string kernel_of(const NodeProfile& node) {
  return node.instructions.empty() ? std::string(node.kernel) : fmt::format("{}/{}", node.kernel, node.instructions);
}
std::uint64_t all_calls(const NodeProfile& node, std::uint64_t of_one) { return node.calls * of_one; }

/// At most so many bytes, none of them half of a character.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most - 2;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "..";
}

}  // namespace

void ProfileTable::add(const Session& session) {
  auto at = rows_.begin();
  for (NodeProfile& node : session.profile()) {
    // Nodes come in the same order every time, but for those of bodies that a run did not call.
    const auto before = [&](const Row& row) {
      return row.node.graph.value != node.graph.value ? row.node.graph.value < node.graph.value : row.node.node < node.node;
    };
    while (at != rows_.end() && before(*at)) ++at;
    if (at == rows_.end() || at->node.graph.value != node.graph.value || at->node.node != node.node) at = rows_.insert(at, Row{});
    at->microseconds.push_back(static_cast<double>(node.nanoseconds) / 1e3);
    at->op = node.op;
    at->name = node.name;
    at->node = std::move(node);
    at->node.op = at->node.name = {};
    ++at;
  }
}

struct ProfileTable::Total {
  double median = 0, least = 0;
  std::uint64_t products = 0, bytes = 0;
  explicit Total(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      median += row.median;
      least += row.least;
      products += all_calls(row.node, row.node.multiply_adds);
      bytes += all_calls(row.node, row.node.bytes);
    }
  }
};

std::vector<ProfileTable::Row> ProfileTable::sorted() const {
  std::vector<Row> rows = rows_;
  double total = 0;
  for (Row& row : rows) {
    std::ranges::sort(row.microseconds);
    row.least = row.microseconds.front();
    row.median = row.microseconds[(row.microseconds.size() - 1) / 2];
    total += row.median;
  }
  for (Row& row : rows) row.share = total > 0 ? row.median / total : 0;
  std::ranges::stable_sort(rows, std::greater{}, &Row::median);
  return rows;
}

std::string ProfileTable::text() const {
  std::string out = fmt::format("  {:>10} {:>10} {:>6}  {:<22} {:<24} {:>9} {:>8} {:>8} {:>7}  {:<24} {}\n", "median us",
                                "least us", "share", "op", "kernel", "MMAC", "GMAC/s", "kB", "GB/s", "output", "node");
  const std::vector<Row> rows = sorted();
  for (const Row& row : rows) {
    const std::uint64_t macs = all_calls(row.node, row.node.multiply_adds), moved = all_calls(row.node, row.node.bytes);
    out += fmt::format("  {:>10.2f} {:>10.2f} {:>5.1f}%  {:<22} {:<24} {:>9} {:>8} {:>8.1f} {:>7}  {:<24} {}{}:{} {}\n",
                       row.median, row.least, 100 * row.share, cut(row.op, 22), cut(kernel_of(row.node), 24),
                       cell(static_cast<double>(macs) / 1e6), cell(giga(macs, row.median)), static_cast<double>(moved) / 1e3,
                       cell(giga(moved, row.median)),
                       fmt::format("{}{}", name(row.node.output.storage()), row.node.output.shape.to_string()),
                       row.node.calls == 1 ? std::string() : fmt::format("{}x ", row.node.calls), row.node.graph.value,
                       row.node.node, cut(row.name, 40));
  }
  const Total all(rows);
  out += fmt::format("  {:>10.2f} {:>10.2f} {:>5.1f}%  {:<22} {:<24} {:>9} {:>8} {:>8.1f} {:>7}\n", all.median, all.least,
                     all.median > 0 ? 100.0 : 0.0, "total", fmt::format("{} nodes", rows.size()),
                     cell(static_cast<double>(all.products) / 1e6), cell(giga(all.products, all.median)),
                     static_cast<double>(all.bytes) / 1e3, cell(giga(all.bytes, all.median)));
  return out;
}

void ProfileTable::write(nlohmann::ordered_json& json) const {
  using Json = nlohmann::ordered_json;
  Json nodes = Json::array();
  const std::vector<Row> rows = sorted();
  for (const Row& row : rows) {
    const NodeProfile& node = row.node;
    const std::uint64_t macs = all_calls(node, node.multiply_adds), moved = all_calls(node, node.bytes);
    Json shape = Json::array();
    for (std::int64_t d : node.output.shape) shape.push_back(d);
    nodes.push_back({{"graph", node.graph.value},
                     {"node", node.node},
                     {"name", row.name},
                     {"op", row.op},
                     {"kernel", node.kernel},
                     {"instructions", node.instructions},
                     {"output", {{"dtype", name(node.output.storage())}, {"shape", std::move(shape)}}},
                     {"calls", node.calls},
                     {"median_us", row.median},
                     {"min_us", row.least},
                     {"share", row.share},
                     {"multiply_adds", macs},
                     {"gmac_per_s", giga(macs, row.median)},
                     {"bytes", moved},
                     {"gb_per_s", giga(moved, row.median)}});
  }
  json["nodes"] = std::move(nodes);
  const Total all(rows);
  json["total"] = {{"median_us", all.median},
                   {"min_us", all.least},
                   {"multiply_adds", all.products},
                   {"gmac_per_s", giga(all.products, all.median)},
                   {"bytes", all.bytes},
                   {"gb_per_s", giga(all.bytes, all.median)}};
}

}  // namespace qgraph::cli
