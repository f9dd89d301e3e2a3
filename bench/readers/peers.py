"""What other readers make of the same files: seconds of the processor from file to numbers, as JSON. peers.py tensorboard DIRECTORY | wandb FILE | regex FILE"""
import json
import re
import sys
import time

kind, place = sys.argv[1:]


def tensorboard():
    from tensorboard.backend.event_processing import event_accumulator as accumulator

    def read():
        reader = accumulator.EventAccumulator(place, size_guidance={accumulator.SCALARS: 0})
        reader.Reload()
        return sum(len(reader.Scalars(tag)) for tag in reader.Tags()["scalars"])

    return read


def wandb():
    import wandb

    wandb._assert_is_internal_process = True
    from wandb.proto import wandb_internal_pb2
    from wandb.sdk.internal import datastore

    def read():
        store = datastore.DataStore()
        store.open_for_scan(place)
        values = 0
        while (data := store.scan_data()) is not None:
            record = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            if record.WhichOneof("record_type") == "history":
                values += sum(isinstance(json.loads(item.value_json), (int, float)) for item in record.history.item)
        return values

    return read


def regex():
    step_sign = re.compile(r"step:(\d+) - ")
    pair = re.compile(r" ?([^\s:][^\s]*?):(?:np\.\w+\()?(-?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|nan|inf))\)?(?= - |\s*$)")

    def read():
        series, values = {}, 0
        with open(place, encoding="utf8", errors="replace") as lines:
            for line in lines:
                match = step_sign.search(line)
                if match:
                    for key, value in pair.findall(line, match.end()):
                        series.setdefault(key, []).append((int(match.group(1)), float(value)))
                        values += 1
        return values

    return read


read = {"tensorboard": tensorboard, "wandb": wandb, "regex": regex}[kind]()
started = time.process_time()
values = read()
print(json.dumps({"values": values, "seconds": time.process_time() - started}))
