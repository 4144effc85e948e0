// Categories as people name them: by the name that the merchant has registered, or by their slug.
import { useResource } from "./resource.js";

const SLUG_LETTERS = 40;

/** A hook: the registered categories; `nameOf` returns a slug's name, `slugOf` what is typed. */
export function useCategories() {
  const items = useResource("v1/categories?limit=200").value?.items ?? [];
  const names = new Map(items.map((item) => [item.slug, item.name]));
  const slugs = new Map(items.map((item) => [item.name.toLowerCase(), item.slug]));
  const nameOf = (slug) => names.get(slug) ?? slug;
  // A registered name means its slug; any other text becomes one.
  const slugOf = (typed) => {
    const text = typed.trim();
    return slugs.get(text.toLowerCase()) ?? (asSlug(text, SLUG_LETTERS) || text);
  };
  return { items, nameOf, slugOf };
}

/** A text in the letters of a slug. */
export function asSlug(text, letters) {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").slice(0, letters).replace(/^-+|-+$/g, "");
}
