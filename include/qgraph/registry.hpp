// The registry: (op, domain, dtype, version) -> Handler.
#pragma once

#include <climits>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "qgraph/source.hpp"

namespace qgraph {

/// Turns a node of a file into nodes of a Graph.
struct Handler {
  std::string op{};      ///< as the file spells it: "CONV_2D", "QLinearConv", "CustomQuantizedConv2D"
  std::string domain{};  ///< empty: any
  /// Of the primary operand: the op's weights, else input 0; of an unknown op: the first constant of more than one element,
  /// else input 0. unknown: any. qint8 also takes a bare int8, where no handler has int8 itself.
  DType dtype = DType::unknown;
  int min_version = 0;
  int max_version = INT_MAX;
  std::vector<std::string> inputs{};  ///< operand names; a trailing '?' marks an optional one, '*' the rest
  /// Returns one Value per output of the node.
  std::function<Result<Outputs>(const SourceNode&, GraphBuilder&)> lower{};
  std::string help{};
};

/// What a handler is looked up by.
struct OpKey {
  std::string op{};
  std::string domain{};
  DType dtype = DType::unknown;
  int version = 0;
};

/// Copies share nothing; not thread-safe while handlers are added.
class QGRAPH_API Registry {
 public:
  Registry();                       ///< empty: knows no op
  static Registry with_builtins();  ///< the ops of every format that is built in
  Registry(const Registry&);
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry) noexcept;
  ~Registry();

  /// Fails on an exact duplicate (op, domain, dtype, overlapping versions) unless `replace`. A host's handler comes before a
  /// built-in of the same op, of which it must say `replace` only where it covers the same key exactly.
  Status add(Handler handler, bool replace = false);
  /// The ops of one format's table, as with_builtins() adds them: "tflite", "onnx".
  Status add_builtins(std::string_view format);

  /// The handler for a key, or a miss: unknown-op with up to four near names, or unsupported-dtype with the dtypes there are.
  Result<std::shared_ptr<const Handler>> find(const OpKey& key) const;
  bool knows(std::string_view op, std::string_view domain = {}) const;
  /// All ops that it knows, as "domain::op", sorted.
  std::vector<std::string> ops() const;

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace qgraph
