#!/usr/bin/env python3
"""Makes tests/ops/onnx_<file>.json: one-op .onnx models, inputs, and what ONNX Runtime answers with its optimizations off. Development only.

    python tools/onnx_cases.py tools/cases/onnx_<family>.py [file...]

Needs onnx, onnxruntime and numpy. A family file is Python and describes cases:

    from onnx_cases import case, integers, reals

    case('qlinear', 'add_uint8', 'QLinearAdd', [integers('uint8', 2, 3), 0.1, ('uint8', 3), ...], domain='com.microsoft')

- case(file, name, op, inputs, domain='', opset=21, outputs=1, constant=(), tolerance=None, expect=None, by=None, extra=None, **attributes)
- extra: attributes whose names are taken here ({'opset': 13})
- inputs: arrays; None is left out; a float stands for a float32 scalar, (dtype, number) for a scalar of that dtype. `constant`: which of
  them the model stores (positions); default: all scalars, and what the file marks by stored(array).
- expect (a list of arrays) and by: who says so, where ONNX Runtime cannot run it or is wrong.
- tolerance: float outputs: fraction of the range (default 1e-5); integer outputs: how far apart (default 0).
"""
import base64, json, pathlib, sys, zlib
import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

sys.modules['onnx_cases'] = sys.modules[__name__]
FILES = {}
NAMES = {'bool': 'boolean'}


class Stored:
    def __init__(self, array):
        self.array = np.asarray(array)


def stored(array):
    return Stored(array)


def rng_of(*key):
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def integers(dtype, *shape, low=None, high=None, seed=0):
    info = np.iinfo(dtype)
    return rng_of('i', dtype, shape, seed).integers(info.min if low is None else low, (info.max if high is None else high) + 1, shape).astype(dtype)


def reals(*shape, low=-3, high=3, dtype='float32', seed=0):
    return rng_of('r', shape, seed).uniform(low, high, shape).astype(dtype)


def as_json(array):
    return {'dtype': NAMES.get(array.dtype.name, array.dtype.name), 'shape': list(array.shape), 'base64': base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()}


def case(file, name, op, inputs, domain='', opset=21, outputs=1, constant=(), tolerance=None, expect=None, by=None, extra=None, **attributes):
    names, feeds, infos, stored_tensors = [], [], [], []
    for i, x in enumerate(inputs):
        if x is None:
            names.append('')
            continue
        keep = i in constant or isinstance(x, (Stored, float, tuple))
        array = x.array if isinstance(x, Stored) else np.float32(x) if isinstance(x, float) else np.dtype(x[0]).type(x[1]) if isinstance(x, tuple) else x
        array = np.asarray(array)
        names.append(f'i{i}')
        if keep:
            stored_tensors.append(numpy_helper.from_array(array, f'i{i}'))
        else:
            feeds.append((f'i{i}', array))
            infos.append(helper.make_tensor_value_info(f'i{i}', helper.np_dtype_to_tensor_dtype(array.dtype), array.shape))
    outs = [f'o{k}' for k in range(outputs)]
    node = helper.make_node(op, names, outs, name=name, domain=domain, **attributes, **(extra or {}))
    domains = [helper.make_opsetid('', opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    untyped = []
    for o in outs:
        info = onnx.ValueInfoProto()
        info.name = o
        untyped.append(info)
    model = helper.make_model(helper.make_graph([node], 'case', infos, untyped, stored_tensors), opset_imports=domains, ir_version=10)
    if expect is None:
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        session = ort.InferenceSession(model.SerializeToString(), options)
        expect = session.run(outs, dict(feeds))
    expect = [np.asarray(e) for e in expect]
    for info, e in zip(model.graph.output, expect):
        info.CopyFrom(helper.make_tensor_value_info(info.name, helper.np_dtype_to_tensor_dtype(e.dtype), e.shape))
    made = {'name': name, 'by': by or f'ONNX Runtime {ort.__version__}', 'onnx': base64.b64encode(model.SerializeToString()).decode(),
            'runs': [{'inputs': [as_json(a) for _, a in feeds], 'outputs': [as_json(e) for e in expect]}]}
    if tolerance is not None:
        made['tolerance'] = tolerance
    FILES.setdefault(file, []).append(made)


if __name__ == '__main__':
    exec(compile(pathlib.Path(sys.argv[1]).read_text(), sys.argv[1], 'exec'), {'__name__': 'family'})
    for file, cases in FILES.items():
        if len(sys.argv) > 2 and file not in sys.argv[2:]:
            continue
        path = pathlib.Path(__file__).parent.parent / 'tests' / 'ops' / f'onnx_{file}.json'
        path.write_text(json.dumps({'cases': cases}, indent=1) + '\n')
        print(path.name, len(cases), 'cases', path.stat().st_size, 'bytes')
