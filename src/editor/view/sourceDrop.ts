import { Uri, commands } from 'vscode';
import type { DataTransfer, TreeDragAndDropController } from 'vscode';
import type { Node } from '../runSelection.ts';

const uriList = 'text/uri-list';

/** Files and folders that are dropped onto the runs view are opened as runs of other programs. */
export class SourceDrop implements TreeDragAndDropController<Node> {
  readonly dropMimeTypes = [uriList];
  readonly dragMimeTypes = [];

  async handleDrop(_target: Node | undefined, data: DataTransfer): Promise<void> {
    const text = await data.get(uriList)?.asString();
    const lines = (text ?? '').split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
    if (lines.length > 0)
      await commands.executeCommand(
        'otb.openSource',
        lines.map((line) => Uri.parse(line)),
      );
  }
}
