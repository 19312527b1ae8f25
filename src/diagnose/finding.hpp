// What a rule finds: a Diagnostic, the facts that it rests on and those that it shows to be broken, and the edits that mend it.
#pragma once

#include <set>
#include <vector>

#include "qgraph/report.hpp"
#include "source/edits.hpp"
#include "source/source_model.hpp"

namespace qgraph::diagnose {

enum class Aspect : std::uint8_t { existence, dtype, shape, data, quantization, order, attributes };

/// (tensor, node or file; aspect)
struct Fact {
  enum class Of : std::uint8_t { file, tensor, node } of = Of::file;
  std::uint32_t graph = 0, index = 0;
  Aspect aspect = Aspect::existence;
  static Fact tensor(source::TensorRef t, Aspect a) { return {Of::tensor, t.graph, t.index, a}; }
  static Fact node(source::NodeRef n, Aspect a) { return {Of::node, n.graph, n.index, a}; }
  static Fact file(Aspect a = Aspect::existence) { return {Of::file, 0, 0, a}; }
  friend auto operator<=>(const Fact&, const Fact&) = default;
};

/// Rules run in this order; what rests on a fact that an earlier phase broke goes under its cause.
enum class Phase : std::uint8_t { bytes, references, ops, sizes, quantization, agreement };

struct Finding {
  Diagnostic diagnostic{};
  Phase phase = Phase::bytes;
  std::vector<Fact> rests_on{};
  std::vector<Fact> breaks{};
  std::vector<source::Edit> edits{};  ///< what diagnostic.fix does; empty: not mendable, or needs input
};

class Findings {
 public:
  Finding& add(Finding f) { return list_.emplace_back(std::move(f)); }
  std::vector<Finding>& list() noexcept { return list_; }
  const std::vector<Finding>& list() const noexcept { return list_; }
  bool any_error() const noexcept;

 private:
  std::vector<Finding> list_;
};

/// The facts that findings show to be broken, as they stand when it is made. Notes break nothing.
class BrokenFacts {
 public:
  explicit BrokenFacts(const Findings& findings);
  bool has(const Fact& fact) const { return facts_.contains(fact); }
  /// Any aspect of this tensor or node.
  bool any(source::TensorRef tensor) const;
  bool any(source::NodeRef node) const;

 private:
  std::set<Fact> facts_;
};

/// Every aspect of a node and of the tensors it reads and makes: what an error of its lowering rests on.
std::vector<Fact> facts_around(const source::Model& model, source::NodeRef node);

}  // namespace qgraph::diagnose
