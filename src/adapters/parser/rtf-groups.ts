import { IsthmusError } from "../../core/errors.ts";
import type { RtfStory } from "./rtf-story.ts";

/** Groups inside each other. Word nests some twenty; Outlook leaves those open that a page does not close, one a line. */
const deepest = 20_000;

/** What a group collects that is shown nowhere, or later. */
export interface Collected {
  text: string;
}

export interface FormField {
  type: number;
  result: number | undefined;
  preset: number | undefined;
  readonly entries: string[];
}

/** What holds in a group: what is inside it begins with the same. */
export interface RtfGroup {
  /** Where paragraphs, notes and tables go. */
  story: RtfStory;
  /** Where text goes. */
  target: "story" | "nowhere" | Collected;
  /** Nothing inside it is anything of the document. */
  isDeaf: boolean;
  /** What is given twice is read in its second form, which is Unicode. */
  isFirstForm: boolean;
  isHidden: boolean;
  /** Fallback characters after each `\u`. */
  fallbacks: number;
  font: number;
  /** A table of the document's head that it belongs to. */
  table: "fonts" | "styles" | "info" | "";
  style: number;
  form: FormField | undefined;
  /** A name and a value of a drawing. */
  property: { readonly name: Collected; readonly value: Collected } | undefined;
}

/** The groups that are open; each may leave something to be done at its end. */
export class RtfGroups {
  current: RtfGroup;
  private readonly outer: { readonly group: RtfGroup; readonly atEnd: (() => void) | undefined }[] = [];
  private atEnd: (() => void) | undefined;
  private readonly name: string;

  /** @param name how messages call the document. */
  constructor(first: RtfGroup, name: string) {
    this.current = first;
    this.name = name;
  }

  /** @throws `parse_limit` for groups beyond all measure. */
  open(): void {
    if (this.outer.length >= deepest) {
      const message = `${this.name} nests groups more than ${deepest} deep: it is damaged or made to be.`;
      throw new IsthmusError("parse_limit", message);
    }
    this.outer.push({ group: this.current, atEnd: this.atEnd });
    this.current = { ...this.current };
    this.atEnd = undefined;
  }

  close(): void {
    const { atEnd } = this;
    const before = this.outer.pop();
    if (!before) return;
    this.current = before.group;
    this.atEnd = before.atEnd;
    atEnd?.();
  }

  /** @param todo when the group ends, with the one around it as the current one. */
  whenClosed(todo: () => void): void {
    const { atEnd } = this;
    this.atEnd = () => {
      atEnd?.();
      todo();
    };
  }

  closeAll(): void {
    while (this.outer.length > 0) this.close();
  }
}
