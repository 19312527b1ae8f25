// TensorFlow Lite's handles of variables and tables: constants that index the model's list of variables.
#include "formats/tflite/translate.hpp"
#include "graph/builder_impl.hpp"

namespace qgraph::formats::tflite {
namespace {

Value handle(const SourceNode& n, GraphBuilder& g, std::int32_t variable) {
  const TensorType declared = n.output_type(0);
  const Shape shape = declared.shape.elements() == 1 ? declared.shape : Shape{1};
  return g.constant<std::int32_t>(DType::resource, shape, {&variable, 1});
}

}  // namespace

/// The same name is the same variable in all graphs of the model.
Result<Outputs> lower_var_handle(const SourceNode& n, GraphBuilder& g) {
  return Outputs(handle(n, g, g.impl().model->variable("variable/" + n.text("container") + "/" + n.text("shared_name"))));
}

/// A table is two variables, one after the other: its keys and its values.
Result<Outputs> lower_hashtable(const SourceNode& n, GraphBuilder& g) {
  const std::string name = "table/" + std::to_string(n.integer("table_id"));
  const std::int32_t keys = g.impl().model->variable(name + "/keys");
  g.impl().model->variable(name + "/values");
  return Outputs(handle(n, g, keys));
}

}  // namespace qgraph::formats::tflite
