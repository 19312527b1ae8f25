#!/usr/bin/env python3
"""Turns a convolution of a model into the custom op CustomQuantizedConv2D, as a vendor's quantizer would write it.   Development only.

usage: custom_op_model.py IN.tflite OUT.tflite        (python with ai-edge-litert and flatbuffers): the last CONV_2D
       custom_op_model.py IN.onnx OUT.onnx            (python with onnx and numpy): the first Conv of a QDQ model

.tflite: stride, padding, activation and the weights' scale go into a flexbuffer of custom options; the tensors stay.
.onnx: the stored integers take the place of their DequantizeLinear, whose scales become the attribute `scale`.
"""
import sys


def tflite(source, target):
    import flatbuffers
    from flatbuffers import flexbuffers
    from ai_edge_litert import schema_py_generated as schema
    model = schema.ModelT.InitFromPackedBuf(open(source, 'rb').read(), 0)
    graph = model.subgraphs[0]
    conv = schema.BuiltinOperator.CONV_2D
    node = [o for o in graph.operators if model.operatorCodes[o.opcodeIndex].builtinCode == conv][-1]
    options = node.builtinOptions
    weights = graph.tensors[node.inputs[1]]
    padding = {schema.Padding.SAME: 'SAME', schema.Padding.VALID: 'VALID'}[options.padding]
    values = dict(stride_w=options.strideW, stride_h=options.strideH, padding=padding, activation=int(options.fusedActivationFunction),
                  scale=[float(s) for s in weights.quantization.scale])
    node.builtinOptions, node.builtinOptionsType = None, schema.BuiltinOptions.NONE
    node.customOptions = list(flexbuffers.Dumps(values))
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = 'CustomQuantizedConv2D', 1
    node.opcodeIndex = len(model.operatorCodes)
    model.operatorCodes.append(code)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b'TFL3')
    open(target, 'wb').write(bytes(builder.Output()))


def onnx_qdq(source, target):
    import onnx
    from onnx import helper, numpy_helper
    model = onnx.load(source)
    graph = model.graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    makers = {o: n for n in graph.node for o in n.output}
    node = next(n for n in graph.node if n.op_type == 'Conv' and n.input[1] in makers and makers[n.input[1]].op_type == 'DequantizeLinear')
    weights, scales = makers[node.input[1]].input[:2]
    node.op_type, node.domain = 'CustomQuantizedConv2D', 'acme.quant'
    node.input[1] = weights
    node.attribute.append(helper.make_attribute('scale', [float(s) for s in constants[scales].ravel()]))
    model.opset_import.append(helper.make_opsetid('acme.quant', 1))
    onnx.save(model, target)


if __name__ == '__main__':
    (onnx_qdq if sys.argv[1].endswith('.onnx') else tflite)(*sys.argv[1:3])
