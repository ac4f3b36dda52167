// The worker's own texts, in the browser's language.
import en from "../locales/en/worker.json";
import es from "../locales/es/worker.json";

const texts = navigator.language.startsWith("es") ? es : en;

export const say = (word: string): string => texts[`worker.${word}` as keyof typeof en];
