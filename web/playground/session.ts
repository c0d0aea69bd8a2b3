/** The page's side of the worker: questions and answers, and the ending of a worker whose program is to stop. */

import type { Ask, Asked, FromWorker, Home, Progress, Question } from "./protocol.ts";

/** What the page is told without asking. */
export interface Listener {
  output(text: string, isError: boolean): void;
  progress(progress: Progress): void;
  home(home: Home): void;
}

/** The worker was ended before it answered. */
export class Stopped extends Error {}

/** What the worker answered with instead of an answer. */
export class Refused extends Error {}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class Session {
  private readonly listener: Listener;
  private worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(listener: Listener) {
    this.listener = listener;
    this.worker = this.started();
  }

  private started(): Worker {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker === this.worker) this.hear(data);
    };
    worker.onerror = (event) => {
      if (worker === this.worker) this.giveUp(new Refused(event.message || "the worker could not be started"));
    };
    return worker;
  }

  private hear(message: FromWorker): void {
    if ("tell" in message) {
      if (message.tell === "output") this.listener.output(message.text, message.isError);
      else if (message.tell === "progress") this.listener.progress(message.progress);
      else this.listener.home(message.home);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if ("problem" in message) waiting?.reject(new Refused(message.problem.message));
    else waiting?.resolve(message.answer);
  }

  private giveUp(error: Error): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }

  ask<A extends Ask>(ask: A, question: Asked[A]["question"]): Promise<Asked[A]["answer"]> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.worker.postMessage({ id, ask, ...question } as Question);
    });
  }

  /** Ends the worker, whatever it does, and starts another one. */
  restart(): void {
    this.worker.terminate();
    this.giveUp(new Stopped("stopped"));
    this.worker = this.started();
  }
}
