; Statements that hold the maximal expressions ("roots") of a file, and what declares names.

(import_statement) @import
(export_statement) @export

(variable_declarator) @declarator
(expression_statement) @statement
(return_statement) @return
(throw_statement) @throw
(switch_statement) @switch

; An arrow's expression body is what it returns.
(arrow_function body: (expression) @arrow-body)

; Types that give members of parameters and contexts a meaning.
(interface_declaration) @interface
(type_alias_declaration) @alias
(enum_declaration name: (identifier) @enum)
(enum_assignment value: (_) @enum-value)
(internal_module name: (identifier) @namespace)
(import_alias) @import-alias

(decorator) @decorator
(comment) @comment
