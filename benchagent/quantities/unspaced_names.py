"""How the columns of tables are called in Chinese, Japanese and Korean, where few names have spaces.

A name is known as a whole or not at all. What may be two things has no entry: `精度` is an accuracy and a
precision.
"""

from typing import Final


def _alike(*pairs: tuple[str, str]) -> dict[str, str]:
    return {name: english for names, english in pairs for name in names.split()}


_NAMES: Final = _alike(
    ("模型 模型名 模型名称 模型名稱 モデル モデル名 모델 모델명", "model"),
    ("量化 量化方式 量化等级 量化级别 量化類型 量子化 量子化方式 양자화", "quant"),
    (
        "上下文 上下文长度 上下文長度 コンテキスト長 コンテキスト 컨텍스트 컨텍스트길이",
        "context_length",
    ),
    ("引擎 推理引擎 推理框架 推論エンジン 엔진", "engine"),
    ("后端 後端 バックエンド 백엔드", "backend"),
    ("设备 設備 デバイス 장치 기기", "device"),
    ("速度 속도", "speed"),
    ("生成速度 解码速度 解碼速度 デコード速度 생성속도 디코드속도", "generation_speed"),
    ("预填充速度 プリフィル速度 프리필속도", "prefill_speed"),
    ("吞吐量 吞吐 スループット 처리량", "throughput"),
    ("首字延迟 首字時間 首token延迟 首token时间 首token时延", "ttft"),
    ("首词延迟 首令牌延迟 初回トークン時間 첫토큰지연 첫토큰지연시간", "ttft"),
    ("延迟 时延 延遲 レイテンシ レイテンシー 지연시간", "latency"),
    ("总耗时 总时间 合計時間 총시간 총소요시간", "total_time"),
    ("加载时间 模型加载时间 ロード時間 로드시간 로딩시간", "load_time"),
    ("显存 显存占用 顯存 vram使用量 vram사용량", "vram"),
    ("内存 内存占用 記憶體 メモリ メモリ使用量 메모리 메모리사용량", "memory"),
    ("准确率 正确率 準確率 正解率 정확도 정답률", "accuracy"),
    ("并发 并发数 並行数 同時接続数 동시성 동시요청수", "concurrency"),
    ("线程 线程数 スレッド数 스레드수", "threads"),
    ("批大小 批次大小 批量大小 バッチサイズ 배치크기", "batch_size"),
    ("输出token数 生成token数 出力トークン数 출력토큰수", "output_tokens"),
    ("输入token数 入力トークン数 입력토큰수", "input_tokens"),
    ("备注 備註 備考 메모 비고", "note"),
)


def find_unspaced(words: str) -> str | None:
    """What a name of joined words is called in English, if it is one of these."""
    return None if words.isascii() else _NAMES.get(words.replace("_", ""))
