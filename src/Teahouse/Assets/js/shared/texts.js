/**
 * The page's words for scripts: resource texts keyed by name, with the placeholders of .NET (`{0}`). A text that depends on
 * a number has a variant for each plural category of its language (`NewMessages.one`, `NewMessages.other`).
 */
export class Texts {
  /** @param {Record<string, string>} words @param {string} language BCP 47 */
  constructor(words, language) {
    this.words = words;
    this.language = language;
    this.plurals = new Intl.PluralRules(language);
    this.numbers = new Intl.NumberFormat(language);
  }

  /** @param {HTMLElement} holder the element with `data-texts` */
  static of(holder) {
    return new Texts(JSON.parse(holder.dataset['texts'] ?? '{}'), document.documentElement.lang);
  }

  /** @param {string} key @param {...(string | number)} values */
  say(key, ...values) {
    return fill(this.words[key] ?? key, values.map(value => typeof value === 'number' ? this.numbers.format(value) : value));
  }

  /** @param {string} key @param {number} count also the value of `{0}` */
  count(key, count) {
    const variant = `${key}.${this.plurals.select(count)}`;
    return this.say(variant in this.words ? variant : `${key}.other`, count);
  }
}

/** @param {string} text @param {string[]} values */
function fill(text, values) {
  return text.replace(/\{(\d)\}/g, (hole, index) => values[Number(index)] ?? hole);
}
