#!/usr/bin/env python3
"""Turns one CONV_2D of a .tflite into the custom op CustomQuantizedConv2D, as a vendor's quantizer would write it.   Development only.

usage: custom_op_model.py IN.tflite OUT.tflite        (python with ai-edge-litert and flatbuffers)

stride, padding, activation and the weights' scale go into a flexbuffer of custom options; the tensors stay.
"""
import sys
import flatbuffers
from flatbuffers import flexbuffers
from ai_edge_litert import schema_py_generated as schema


def main():
    source, target = sys.argv[1:]
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


main()
