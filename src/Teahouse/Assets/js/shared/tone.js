/** Two soft notes, in hertz and seconds. */
const NOTES = [{ pitch: 659.25, at: 0 }, { pitch: 880, at: 0.12 }];
const LOUDNESS = 0.06;
const FADE_S = 0.5;
/** Longer than hidden pages sleep between two looks at the clock. */
const CLAIM_MS = 2500;
const YIELD_MS = 200;

/** @type {AudioContext | undefined} */
let audio;

/**
 * Sounds once for a message, however many of this browser's pages learn of it; a page that shows it keeps the others quiet.
 * @param {string} tag the message's @param {boolean} isSeen
 */
export function ring(tag, isSeen) {
  if (!navigator.locks) {
    if (!isSeen) void play();
    return;
  }
  const claim = () => void navigator.locks.request(`tone:${tag}`, { ifAvailable: true }, lock => {
    if (!lock) return;
    if (!isSeen) void play();
    return new Promise(done => { setTimeout(done, CLAIM_MS); });
  });
  if (isSeen) claim();
  else setTimeout(claim, YIELD_MS);
}

/** The tone; nothing where the browser lets a page be heard only after a press. */
export async function play() {
  audio ??= new AudioContext();
  if (audio.state !== 'running') await Promise.race([audio.resume(), new Promise(done => { setTimeout(done, YIELD_MS); })]);
  if (audio.state !== 'running') return;
  for (const { pitch, at } of NOTES) {
    const from = audio.currentTime + at;
    const note = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + FADE_S);
    note.connect(volume).connect(audio.destination);
    note.start(from);
    note.stop(from + FADE_S);
  }
}
