// Nodes whose operands are all known run once, when planning.
#include "runtime/fold.hpp"

#include <algorithm>

#include "runtime/no_control.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::size_t always_folded = std::size_t{64} << 10;

}  // namespace

bool fold(const Prepared& prepared, const Node& node, std::span<const View> inputs, std::span<View> outputs,
          std::vector<Memory>& memory, std::size_t& budget) {
  std::size_t in = 0, out = 0;
  for (const View& view : inputs) in += view.bytes;
  for (const View& view : outputs) out += view.bytes;
  if (out > budget || out > std::max(always_folded, 8 * in)) return false;
  memory.resize(outputs.size());
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (!outputs[o]) continue;
    if (!memory[o].reserve(outputs[o].bytes)) return false;
    outputs[o].data = memory[o].data();
  }
  Memory scratch;
  if (!scratch.reserve(prepared.scratch_bytes)) return false;
  NoControl control;
  prepared.run({.inputs = inputs,
                .outputs = outputs,
                .attribute_struct = node.attributes.get(),
                .prepared = prepared.data.get(),
                .scratch = scratch.data(),
                .control = &control});
  if (control.failed) return false;
  budget -= out;
  return true;
}

}  // namespace qgraph::runtime
