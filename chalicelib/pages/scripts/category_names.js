// The names that the merchant has registered for categories.
import { useResource } from "./resource.js";

/** A hook: a function that returns a category's name, or its slug where none is registered. */
export function useCategoryNames() {
  const registered = useResource("v1/categories?limit=200");
  const names = new Map((registered.value?.items ?? []).map((item) => [item.slug, item.name]));
  return (slug) => names.get(slug) ?? slug;
}
