// Texts about what went wrong, in Portuguese and in English, by the service's stable names.

export const problemTexts = {
  "conflict_entries-since-preview": [
    "Desde a prévia entraram lançamentos que podem ser os destas linhas: {shown}. Importe o arquivo de novo e decida.",
    "Since the preview, entries were recorded that may be those of these rows: {shown}. Import the file again, and decide.",
  ],
  conflict_expired: [
    "A prévia venceu depois de 30 dias. Importe o arquivo de novo.",
    "The preview has expired after 30 days. Import the file again.",
  ],
  "conflict_lost-claims": [
    "O lançamento já é de outra linha, ou foi estornado. Decida de novo só sobre a linha {shown}.",
    "The entry belongs to another row already, or was reversed. Decide again about row {shown} only.",
  ],
  conflict_preview: [
    "A importação ainda não foi registrada; não há o que desfazer.",
    "The import has not been recorded yet; there is nothing to undo.",
  ],
  conflict_recorded: [
    "A importação já foi registrada; suas linhas não mudam mais.",
    "The import has been recorded already; its rows do not change any more.",
  ],
  conflict_recording: [
    "A importação está sendo registrada. Espere até que termine.",
    "The import is being recorded. Wait until that has finished.",
  ],
  "conflict_rows-not-stored": [
    "O que falta registrar não está mais guardado. Importe o arquivo de novo: o que já foi registrado fica como repetido.",
    "What is left to record is not stored any more. Import the file again: rows recorded already will be duplicates.",
  ],
  "conflict_undecided-rows": [
    "Decida antes {shown} {shown:linha|linhas}.",
    "Decide {shown} {shown:row|rows} first.",
  ],
  conflict_undoing: [
    "A importação está sendo desfeita. Depois disso, importe o arquivo de novo.",
    "The import is being undone. After that, import the file again.",
  ],
  conflict_undone: ["A importação foi desfeita. Importe o arquivo de novo.", "The import was undone. Import the file again."],
  "file_ambiguous-columns": [
    "Mais de um banco tem estas colunas. Escolha o seu.",
    "More than one bank has these columns. Choose yours.",
  ],
  "file_document-type": [
    "Ele declara um tipo de documento, que não existe em OFX. Exporte o extrato de novo.",
    "It declares a document type, which OFX does not have. Export the statement again.",
  ],
  file_empty: [
    "Ele está vazio. Exporte o extrato como OFX, CSV ou CNAB 240.",
    "It is empty. Export the statement as OFX, CSV or CNAB 240.",
  ],
  "file_no-rows": [
    "Ele não tem nenhuma linha. Exporte um período com movimento.",
    "It has no rows. Export a period with movements.",
  ],
  "file_other-columns": [
    "Ele tem outras colunas que não as deste banco: {shown}. Escolha outro banco.",
    "It has other columns than this bank's: {shown}. Choose another bank.",
  ],
  "file_other-service": [
    "Este CNAB 240 é de outro serviço. Exporte o “extrato para conciliação”, que tem o segmento E.",
    "This CNAB 240 is of another service. Export the “extrato para conciliação”, which has segment E.",
  ],
  "file_too-large": [
    "Ele é grande demais: até 4 MiB e 50.000 linhas. Importe um período menor.",
    "It is too large: up to 4 MiB and 50,000 rows. Import a shorter period.",
  ],
  "file_too-many-days": [
    "Ele tem contas ou dias demais para uma importação. Importe menos contas ou um período menor.",
    "It has too many accounts or days for one import. Import fewer accounts or a shorter period.",
  ],
  "file_unknown-columns": [
    "Não conheço estas colunas: {shown}.",
    "These columns are not known: {shown}.",
  ],
  "file_unknown-currency": [
    "Não conheço a moeda {shown}; nada deste arquivo pode ser registrado.",
    "The currency {shown} is not known; nothing of this file can be recorded.",
  ],
  "file_unknown-format": [
    "Não é OFX, CSV, TSV nem CNAB 240. Começa assim: {shown}.",
    "It is not OFX, CSV, TSV or CNAB 240. It begins: {shown}.",
  ],
  "file_unknown-preset": ["Não conheço o banco {shown}.", "The bank {shown} is not known."],
  "file_wrong-kind": [
    "É um arquivo {shown}, não um extrato. Exporte o extrato como OFX, CSV ou CNAB 240.",
    "It is a {shown} file, not a statement. Export the statement as OFX, CSV or CNAB 240.",
  ],
  field_account: [
    "Use letras minúsculas sem acento, números e hífens, até 40.",
    "Use lower-case letters, digits and hyphens, up to 40.",
  ],
  field_amount: ["Use um valor maior que zero, com até 15 dígitos.", "Use an amount above zero, with up to 15 digits."],
  field_category: [
    "Use letras minúsculas sem acento, números e hífens, até 40.",
    "Use lower-case letters, digits and hyphens, up to 40.",
  ],
  field_accounts: [
    "O livro já tem contas de banco demais.",
    "The book has too many accounts of banks already.",
  ],
  field_day: ["Só um dia que já passou pode ser fechado.", "Only a day that is over can be closed."],
  field_decision: ["Escolha: é o mesmo, é novo ou fica de fora.", "Choose: the same, new or left out."],
  field_description: ["Use até 200 caracteres, numa só linha.", "Use up to 200 characters, in one line."],
  field_document: ["Confira os dígitos do CPF ou CNPJ.", "Check the digits of the CPF or CNPJ."],
  field_entry: [
    "Este lançamento não pode ser desta linha, ou já é de outra linha do arquivo.",
    "This entry cannot be of this row, or is of another row of the file already.",
  ],
  field_name: ["Escreva um nome, numa só linha.", "Write a name, in one line."],
  field_occurred_at: [
    "Use uma data dos últimos cinco anos, não do futuro.",
    "Use a date of the last five years, not of the future.",
  ],
  field_reason: ["Use até 200 caracteres, numa só linha.", "Use up to 200 characters, in one line."],
  field_row: ["Esta linha não precisa de decisão.", "This row needs no decision."],
  field_state: ["Use a sigla do estado, como SP.", "Use the state's code, such as SP."],
  field_text: ["Escreva o texto que as linhas contêm.", "Write the text that the rows contain."],
  field_to: [
    "O período tem lançamentos demais para um arquivo; baixe por conta.",
    "The range has too many entries for one file; download by account.",
  ],
  field_town: ["Escreva o nome do município.", "Write the town's name."],
  status_400: [
    "O pedido não é válido. Confira o que escreveu.",
    "The request is not valid. Check what you have written.",
  ],
  status_403: ["Seu usuário não pode fazer isto.", "Your user may not do this."],
  status_404: ["Não existe neste livro.", "It does not exist in this book."],
  status_409: ["O livro mudou enquanto isso. Veja como está e repita.", "The book has changed meanwhile. Look at it and repeat."],
  status_412: ["Alguém mudou isto ao mesmo tempo. Repita.", "Somebody has changed this at the same time. Repeat."],
  status_413: ["É grande demais.", "It is too large."],
  status_415: ["Arquivos deste tipo não são aceitos.", "Files of this type are not accepted."],
  status_422: [
    "Algo do que foi enviado não é aceito. Confira e repita.",
    "Something that was sent is not accepted. Check it and repeat.",
  ],
  status_429: [
    "Muitos pedidos de uma vez. Tente de novo em alguns segundos.",
    "Too many requests at once. Try again in some seconds.",
  ],
  status_500: [
    "O serviço não responde agora. Tente de novo em alguns segundos.",
    "The service does not respond now. Try again in some seconds.",
  ],
};
