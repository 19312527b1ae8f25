#!/usr/bin/env python3
"""Damages sound models, one fault each, and writes the truth beside them, in the layout of the corpus (truth.json, model.*).

    python tools/damage/make.py CORPUS OUT [--seed 1] [--only TEXT]
    python CORPUS/score.py build/release/qgraph OUT

CORPUS has real/ and made/ with goldens. Which tensor or node a fault hits is drawn from the seed. Development only; needs
ai_edge_litert, onnx and numpy.
"""
import argparse, json, pathlib, sys, zlib
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import onnx_files, onnx_surgery, tflite, tflite_surgery

BASES = {
    tflite: ('tfl_cnn_int8', 'tfl_unet_int8', 'tfl_cnn_16x8', 'tfl_qat_v1_uint8', 'tfl_tfm_int8', 'aeq_cnn_static_a8', 'tiny_vww_int8', 'mcunet_vww_int8', 'tinymaix_mnist_dw_int8',
            'tfl_mlp_int8', 'tfl_qat_int8', 'tfl_cnn_int8_floatio', 'tfl_cnn_int8_pertensor', 'tfl_unet_16x8', 'aeq_cnn_static_a16', 'tiny_ad01_int8', 'blazeface_int8', 'mobilenet_v1_025_128_uint8'),
    onnx_files: ('ort_cnn_qdq_u8s8', 'ort_unet_qdq', 'ort_tfm_qdq', 'nncf_cnn', 'torch_qat_cnn', 'ort_cnn_qop_s8s8', 'ort_unet_qop', 'onnx_kws_qdq', 'nncf_tfm', 'torch_fx_cnn', 'ort_cnn_qdq_dynamo',
                 'ort_cnn_qdq_u8u8', 'ort_mlp_qop', 'ort_tfm_qop', 'onnx_kws_qoperator', 'ort_cnn_qdq_a16w8'),
}
ENDING = {tflite: 'tflite', onnx_files: 'onnx'}
FAULTS = {tflite: tflite.FAULTS | tflite_surgery.FAULTS, onnx_files: onnx_files.FAULTS | onnx_surgery.FAULTS}


def main():
    p = argparse.ArgumentParser()
    p.add_argument('corpus', type=pathlib.Path)
    p.add_argument('out', type=pathlib.Path)
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--only', default='')
    p.add_argument('--bases', help='names of models, with commas, in place of those listed here')
    a = p.parse_args()
    made = 0
    for module, bases in BASES.items():
        for base in a.bases.split(',') if a.bases else bases:
            folder = next((a.corpus / k / base for k in ('real', 'made') if (a.corpus / k / base / 'meta.json').exists()), None)
            if folder is None:
                continue
            source = folder / f'model.{ENDING[module]}'
            if not source.exists():
                continue
            for kind, fault in FAULTS[module].items():
                if a.only not in f'{kind}__{base}':
                    continue
                net = module.Net(module.read(source))
                truth = fault(net, np.random.default_rng(a.seed + zlib.crc32(f'{kind}{base}'.encode())))
                if truth is None:
                    continue
                to = a.out / f'{kind}__{base}'
                to.mkdir(parents=True, exist_ok=True)
                module.write(net.model, to / source.name)
                if (change := truth.pop('bytes', None)) is not None:
                    (to / source.name).write_bytes(change((to / source.name).read_bytes()))
                truth.update(base=base, kind=kind, file=source.name, peers={})
                (to / 'truth.json').write_text(json.dumps(truth, indent=1) + '\n')
                made += 1
    print(f'{made} damaged models')


if __name__ == '__main__':
    main()
