// What the layout pass keeps: which tensors lie channels last, too.
#pragma once

#include "runtime/passes/draft.hpp"

namespace qgraph::runtime::passes {

class Layouts {
 public:
  explicit Layouts(Draft& draft) : draft_(draft) {}

  Draft& draft() const noexcept { return draft_; }
  /// Is there a channels-last copy of it?
  bool known(TensorId t) const noexcept { return t && t.value < last_.size() && last_[t.value].id; }
  /// The channels-last copy, made by a transpose where there is none. None: not of rank 4.
  TensorId last(const Node& origin, TensorId t);
  /// `copy` is a channels-last copy of `t`. `lazy`: `t` itself is made when something asks for it.
  void set(TensorId t, TensorId copy, bool lazy);
  /// Sees to it that `t` itself is there.
  void make(const Node& origin, TensorId t);
  void make_inputs(const Node& node);

 private:
  struct Entry {
    TensorId id{};
    bool lazy = false;
  };
  Draft& draft_;
  std::vector<Entry> last_{};
};

/// Where axis i of [n,c,h,w] is in [n,h,w,c].
inline constexpr std::int64_t axis_of[] = {0, 3, 1, 2};

/// Adds what `node` does, channels last, where an operand lies so already. False: the node is not one that follows its operands.
bool follow(Layouts& layouts, const Node& node);

}  // namespace qgraph::runtime::passes
