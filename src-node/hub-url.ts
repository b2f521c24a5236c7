const PUBLIC_HUB = 'https://huggingface.co';

/** Where the Hugging Face Hub is. A mirror is named as other programs of the field name it. */
export function hubUrl(env: NodeJS.ProcessEnv = process.env): string {
  const mirror = env.HF_ENDPOINT ?? '';
  return /^https?:\/\//.test(mirror) && URL.canParse(mirror) ? mirror.replace(/\/+$/, '') : PUBLIC_HUB;
}
