import java.io.FileInputStream;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Check FLAVOUR FILE...: for each file “kept” or “broken”, the number of checks, its path; then each rule it breaks. */
public class Check {
    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("org.verapdf").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.fromString(arguments[0]);
        for (int each = 1; each < arguments.length; each++) check(flavour, arguments[each]);
    }

    private static void check(PDFAFlavour flavour, String path) throws Exception {
        try (FileInputStream content = new FileInputStream(path);
             PDFAParser parser = Foundries.defaultInstance().createParser(content, flavour);
             PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.println((result.isCompliant() ? "kept " : "broken ") + result.getTotalAssertions() + " " + path);
            for (TestAssertion one : result.getTestAssertions())
                if (one.getStatus() == TestAssertion.Status.FAILED)
                    System.out.println("  " + one.getRuleId().getClause() + " " + one.getMessage());
        }
    }
}
