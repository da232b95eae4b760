/** Short messages that come and go. */
export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
}

const SHOWN_FOR = 7000;

class Toasts {
  list = $state.raw<Toast[]>([]);
  private next = 1;

  show(text: string, tone: Toast["tone"] = "plain"): void {
    if (this.list.some((toast) => toast.text === text)) return;
    const id = this.next++;
    this.list = [...this.list.slice(-3), { id, text, tone }];
    setTimeout(() => this.dismiss(id), SHOWN_FOR);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
