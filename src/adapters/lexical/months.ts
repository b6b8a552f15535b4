/** Months as dates name them in a dozen languages, without accents; those that end as English ones begin are found by that. */
const named = [
  "januar januari janvier enero gennaio janeiro stycznia januara ledna января січня",
  "februar februari fevrier febrero febbraio fevereiro lutego unora февраля лютого",
  "marz marts maart mars marzo marco marca brezna марта березня",
  "april avril abril aprile kwietnia dubna апреля квітня",
  "mai mei mayo maggio maio maj maja kvetna мая травня",
  "juni juin junio giugno junho czerwca cervna июня червня",
  "juli juillet julio luglio julho lipca cervence июля липня",
  "august augusti augustus aout agosto sierpnia srpna августа серпня",
  "september septembre septiembre settembre setembro wrzesnia zari сентября вересня",
  "oktober octobre octubre ottobre outubro pazdziernika rijna октября жовтня",
  "november novembre noviembre novembro listopada listopadu ноября листопада",
  "dezember decembre diciembre dicembre dezembro december desember grudnia prosince декабря грудня",
];
const english = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const months = new Map(named.flatMap((names, at) => names.split(" ").map((name) => [name, at + 1] as const)));
const LATIN = /^[a-z]+$/;

/** From 1; 0 for what is no month. @param name in lower case. */
export function monthOf(name = ""): number {
  const plain = name
    .normalize("NFD")
    .replace(/[\u0300-\u0305\u0307-\u036f]/g, "")
    .normalize("NFC");
  const known = months.get(plain);
  if (known !== undefined) return known;
  // Any English word that begins so, as before: `sept`, `decem`.
  return LATIN.test(plain) && plain.length <= 9 ? english.indexOf(plain.slice(0, 3)) + 1 : 0;
}
