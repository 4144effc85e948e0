// Texts about closed days, in Portuguese and in English.

export const closingTexts = {};
